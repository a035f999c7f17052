package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// received is one request, its headers as they came.
type received struct {
	Number       int      `json:"number"`
	Protocol     string   `json:"protocol"`
	TraceParents []string `json:"traceparents"`
	TraceStates  []string `json:"tracestates"`
	Baggages     []string `json:"baggages"`
	B3           []string `json:"b3"`      // single and multi, one behind the other
	Headers      int      `json:"headers"` // those of the caller, ...
	Body         string   `json:"body"`    // SHA-256
}

func receive(arguments []string) {
	flags := flag.NewFlagSet("receive", flag.ExitOnError)
	address := flags.String("listen", "127.0.0.1:8443", "")
	out := flags.String("out", "received.jsonl", "")
	pemFile := flags.String("pem", "", "a certificate and its key")
	flags.Parse(arguments)

	certificate, err := tls.LoadX509KeyPair(*pemFile, *pemFile)
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.Create(*out)
	if err != nil {
		log.Fatal(err)
	}
	var lock sync.Mutex
	lines := json.NewEncoder(file)
	server := &http.Server{
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got, err := take(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			lock.Lock()
			err = lines.Encode(got)
			lock.Unlock()
			if err != nil {
				log.Fatal(err)
			}
			io.WriteString(w, got.Body)
		}),
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ready")
	log.Fatal(server.ServeTLS(listener, "", ""))
}

func take(r *http.Request) (received, error) {
	number, err := strconv.Atoi(r.URL.Query().Get("number"))
	if err != nil {
		return received{}, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, r.Body); err != nil {
		return received{}, err
	}
	headers := 0
	for r.Header.Get("X-"+strconv.Itoa(headers)) != "" {
		headers++
	}
	return received{
		Number:       number,
		Protocol:     r.Proto,
		TraceParents: r.Header.Values("Traceparent"),
		TraceStates:  r.Header.Values("Tracestate"),
		Baggages:     r.Header.Values("Baggage"),
		B3:           b3Of(r.Header),
		Headers:      headers,
		Body:         hex.EncodeToString(hash.Sum(nil)),
	}, nil
}

func b3Of(header http.Header) []string {
	values := []string{}
	for _, name := range []string{"B3", "X-B3-Traceid", "X-B3-Spanid", "X-B3-Sampled"} {
		values = append(values, header.Values(name)...)
	}
	return values
}

// certificate writes a new one and its key into a file, for any receiver.
func certificate(path string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(240 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	bytes, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		log.Fatal(err)
	}
	text := append(
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyBytes}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: bytes})...,
	)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		log.Fatal(err)
	}
}
