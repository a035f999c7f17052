//go:build go1.24

package calls

import "net/http"

// h2c speaks HTTP/2 without TLS.
var h2c = newH2C()

func newH2C() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{Protocols: protocols}
}
