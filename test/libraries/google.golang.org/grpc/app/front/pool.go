package front

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// pool has one connection for each target and local address; all calls share it.
type pool struct {
	targets map[string]string
	mutex   sync.Mutex
	open    map[string]*grpc.ClientConn
	// Of the last connection from each local address.
	ports sync.Map
}

func (p *pool) localPort(from string) string {
	port, _ := p.ports.Load(from)
	return fmt.Sprint(port)
}

// connected remembers a connection's own end.
func (p *pool) connected(from string, connection net.Conn, err error) (net.Conn, error) {
	if err == nil {
		p.ports.Store(from, connection.LocalAddr().(*net.TCPAddr).Port)
	}
	return connection, err
}

// connection of a target, from a local address unless that is empty. `release` is called when the call is over.
func (p *pool) connection(name, from string, fresh bool) (connection *grpc.ClientConn, release func(), err error) {
	if name == "" {
		name = "plain"
	}
	address, found := p.targets[name]
	if !found {
		return nil, nil, fmt.Errorf("no target %q", name)
	}
	if fresh {
		connection, err = dial(address, p.optionsOf(name, address, from)...)
		return connection, func() { connection.Close() }, err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	key := name + " " + from
	if connection = p.open[key]; connection == nil {
		if connection, err = dial(address, p.optionsOf(name, address, from)...); err != nil {
			return nil, nil, err
		}
		if p.open == nil {
			p.open = map[string]*grpc.ClientConn{}
		}
		p.open[key] = connection
	}
	return connection, func() {}, nil
}

func (p *pool) optionsOf(name, target, from string) []grpc.DialOption {
	options := append(retrying(), grpc.WithUnaryInterceptor(throughUnary), grpc.WithStreamInterceptor(throughStream))
	if strings.HasSuffix(name, "tls") {
		options = append(options, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{InsecureSkipVerify: true})))
	} else {
		options = append(options, grpc.WithInsecure())
	}
	if from != "" && !strings.HasPrefix(target, "unix:") {
		options = append(options, p.dialFrom(from))
	}
	return options
}
