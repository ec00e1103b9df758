# `make image` builds the static binary first: it is the image's only file.
FROM scratch
COPY postfix_exporter /postfix_exporter
# nobody. Give it the groups that may read the log and the queue: see README.md.
USER 65534:65534
EXPOSE 9154
ENTRYPOINT ["/postfix_exporter"]
# The program's own default is 127.0.0.1, which nobody outside a container
# reaches. Arguments given at `run` take the place of this one: repeat it.
CMD ["--web.listen-address=:9154"]
