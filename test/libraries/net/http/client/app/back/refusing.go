package back

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// serveRefusing speaks HTTP/2 and refuses the first stream of each connection. It says where it listens.
func serveRefusing(certificates []tls.Certificate) net.Addr {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}})
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				log.Fatal(err)
			}
			go refuseFirst(conn)
		}
	}()
	return l.Addr()
}

func refuseFirst(conn net.Conn) {
	defer conn.Close()
	if _, err := io.CopyN(io.Discard, conn, int64(len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	framer.WriteSettings()
	for streams := 0; ; {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				framer.WriteSettingsAck()
			}
		case *http2.HeadersFrame:
			streams++
			if streams == 1 {
				framer.WriteRSTStream(frame.StreamID, http2.ErrCodeRefusedStream)
			} else {
				answer(framer, frame.StreamID)
			}
		}
	}
}

func answer(framer *http2.Framer, stream uint32) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encoder.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	encoder.WriteField(hpack.HeaderField{Name: "content-length", Value: "2"})
	framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
	framer.WriteData(stream, true, []byte("ok"))
}
