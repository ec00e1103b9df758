module postfix_exporter

go 1.26
