package lab

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
)

// filterUser runs what is behind a FilterPipe, and puts mail back.
const filterUser = "nobody"

// pipeScript is the program behind pipe(8). It lets the lab call sendmail(1), for
// pipe(8) runs nothing as the group that submit needs.
func pipeScript(filter string) string {
	host, port, _ := strings.Cut(filter, ":")
	return fmt.Sprintf(`# Called by pipe(8) with the sender and the recipients.
exec 3<>/dev/tcp/%s/%s || exit 75
{ printf '%%s\n' "$*"; cat; printf '\r\n.\r\n'; } >&3
read -r answer <&3
[[ $answer == ok ]] || { echo "$answer"; exit 75; }
`, host, port)
}

// serveFilterPipe takes messages from pipeScript.
func (p *Postfix) serveFilterPipe(ctx context.Context, conn net.Conn) {
	in := textproto.NewReader(bufio.NewReader(conn))
	line, err := in.ReadLine()
	if err != nil {
		return
	}
	message, err := in.ReadDotBytes()
	if err != nil {
		return
	}
	from, to, _ := strings.Cut(line, " ")
	answer := "ok"
	if uid, _, err := ids(filterUser); err != nil {
		answer = err.Error()
	} else if err := p.submit(ctx, uid, from, strings.Fields(to), message); err != nil {
		answer = strings.ReplaceAll(err.Error(), "\n", " ")
	}
	_, _ = io.WriteString(conn, answer+"\n")
}
