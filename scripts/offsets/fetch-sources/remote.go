package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

var errNotPublished = errors.New("the proxy does not have it")

// Few requests and little in vain: the packages that are wanted stand in 5 to 20 places of a toolchain's zip.
const blockSize = 256 << 10

const attempts = 4

// A proxy that has to fetch a toolchain itself takes 10 s to answer.
const answerWithin = 2 * time.Minute

var client = func() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = answerWithin
	return &http.Client{Transport: transport}
}()

// remote is a file behind HTTP, an io.ReaderAt that fetches a block when it is first read, or the whole file at once
// when the server does not give parts.
type remote struct {
	url    string
	size   int64
	blocks map[int64][]byte
	whole  *os.File
	// Bytes that came over the network.
	read int64
}

func openRemote(url string) (*remote, error) {
	r := &remote{url: url, blocks: map[int64][]byte{}}
	response, err := r.get("bytes=0-0")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return r, r.takeWhole(response.Body)
	}
	_, err = fmt.Sscanf(response.Header.Get("Content-Range"), "bytes 0-0/%d", &r.size)
	return r, err
}

func (r *remote) takeWhole(body io.Reader) (err error) {
	if r.whole, err = os.CreateTemp("", "module-*.zip"); err != nil {
		return err
	}
	// Nobody else needs its name, and without one it can't stay behind.
	if err = os.Remove(r.whole.Name()); err != nil {
		return err
	}
	r.size, err = io.Copy(r.whole, body)
	r.read = r.size
	return err
}

func (r *remote) close() {
	if r.whole != nil {
		r.whole.Close()
	}
}

func (r *remote) ReadAt(into []byte, at int64) (int, error) {
	if r.whole != nil {
		return r.whole.ReadAt(into, at)
	}
	done := 0
	for done < len(into) {
		if at >= r.size {
			return done, io.EOF
		}
		block, err := r.block(at / blockSize)
		if err != nil {
			return done, err
		}
		n := copy(into[done:], block[at%blockSize:])
		done += n
		at += int64(n)
	}
	return done, nil
}

func (r *remote) block(index int64) ([]byte, error) {
	if known, is := r.blocks[index]; is {
		return known, nil
	}
	first := index * blockSize
	last := min(first+blockSize, r.size) - 1
	var err error
	for range attempts {
		var content []byte
		if content, err = r.part(first, last); err == nil {
			r.blocks[index] = content
			r.read += int64(len(content))
			return content, nil
		}
	}
	return nil, err
}

func (r *remote) part(first, last int64) ([]byte, error) {
	response, err := r.get(fmt.Sprintf("bytes=%d-%d", first, last))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, last-first+1))
	if err == nil && (response.StatusCode != http.StatusPartialContent || int64(len(content)) != last-first+1) {
		err = fmt.Errorf("%s instead of bytes %d to %d", response.Status, first, last)
	}
	return content, err
}

// get waits a little and tries again when the proxy is busy or out of order.
func (r *remote) get(ranges string) (*http.Response, error) {
	var last error
	for attempt := range attempts {
		time.Sleep(time.Duration(attempt*attempt) * time.Second)
		asked, err := http.NewRequest(http.MethodGet, r.url, nil)
		if err != nil {
			return nil, err
		}
		asked.Header.Set("Range", ranges)
		response, err := client.Do(asked)
		if err != nil {
			last = err
			continue
		}
		switch response.StatusCode {
		case http.StatusOK, http.StatusPartialContent:
			return response, nil
		case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
			response.Body.Close()
			return nil, errNotPublished
		}
		response.Body.Close()
		last = errors.New(response.Status)
	}
	return nil, last
}
