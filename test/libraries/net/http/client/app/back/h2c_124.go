//go:build go1.24

package back

import "net/http"

// allowH2C makes the server take HTTP/2 with prior knowledge beside HTTP/1 on the same plain connection.
func allowH2C(server *http.Server) {
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
}
