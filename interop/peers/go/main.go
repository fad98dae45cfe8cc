// A peer over Go's crypto/tls. Commands and events: see interop/support/driver.ts.
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
)

var versions = map[string]uint16{
	"1.3": tls.VersionTLS13,
	"1.2": tls.VersionTLS12,
	"1.1": tls.VersionTLS11,
	"1.0": tls.VersionTLS10,
}

type command map[string]string

var (
	output      sync.Mutex
	connections sync.Mutex
	open        = map[string][]net.Conn{}
)

func say(id, event string, fields ...string) {
	output.Lock()
	defer output.Unlock()
	line := "id=" + id + "\tevent=" + event
	for i := 0; i+1 < len(fields); i += 2 {
		line += "\t" + fields[i] + "=" + strings.NewReplacer("\t", " ", "\n", " ").Replace(fields[i+1])
	}
	fmt.Println(line)
}

func remember(id string, conn net.Conn) {
	connections.Lock()
	defer connections.Unlock()
	open[id] = append(open[id], conn)
}

func cut(target string) {
	connections.Lock()
	defer connections.Unlock()
	for _, conn := range open[target] {
		conn.Close()
	}
}

// Code points with commas between, as 49195,49199.
func numbers(list string) (found []uint16) {
	for _, one := range strings.Split(list, ",") {
		if number, err := strconv.ParseUint(one, 10, 16); err == nil {
			found = append(found, uint16(number))
		}
	}
	return found
}

func config(cmd command) (*tls.Config, error) {
	version := versions[cmd["version"]]
	config := &tls.Config{MinVersion: version, MaxVersion: version}
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		config.CipherSuites = append(config.CipherSuites, suite.ID)
	}
	if suites := numbers(cmd["suites"]); suites != nil {
		config.CipherSuites = suites
	}
	for _, group := range numbers(cmd["groups"]) {
		config.CurvePreferences = append(config.CurvePreferences, tls.CurveID(group))
	}
	if cmd["keylog"] != "" {
		file, err := os.OpenFile(cmd["keylog"], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		config.KeyLogWriter = file
	}
	if cmd["cert"] != "" {
		keys := strings.Split(cmd["key"], ",")
		for i, cert := range strings.Split(cmd["cert"], ",") {
			pair, err := tls.LoadX509KeyPair(cert, keys[i])
			if err != nil {
				return nil, err
			}
			config.Certificates = append(config.Certificates, pair)
		}
	}
	if cmd["alpn"] != "" {
		config.NextProtos = strings.Split(cmd["alpn"], ",")
	}
	return config, nil
}

func pool(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + path)
	}
	return pool, nil
}

func saySecure(id string, cmd command, conn *tls.Conn) {
	state := conn.ConnectionState()
	fields := []string{
		"suite", tls.CipherSuiteName(state.CipherSuite),
		"group", state.CurveID.String(),
		"alpn", state.NegotiatedProtocol,
		"resumed", strconv.FormatBool(state.DidResume),
		"certificates", strconv.Itoa(len(state.PeerCertificates)),
	}
	if label := cmd["exporter"]; label != "" {
		material, err := state.ExportKeyingMaterial(label, nil, 32)
		if err != nil {
			say(id, "error", "text", err.Error())
		}
		fields = append(fields, "exporter", hex.EncodeToString(material))
	}
	say(id, "secure", fields...)
}

func listen(id string, cmd command) error {
	config, err := config(cmd)
	if err != nil {
		return err
	}
	if cmd["ca"] != "" {
		if config.ClientCAs, err = pool(cmd["ca"]); err != nil {
			return err
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
		if cmd["ask"] != "" {
			config.ClientAuth = tls.VerifyClientCertIfGiven
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	say(id, "listening", "port", strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	for {
		raw, err := listener.Accept()
		if err != nil {
			return err
		}
		remember(id, raw)
		go serve(id, cmd, raw, config)
	}
}

func serve(id string, cmd command, raw net.Conn, config *tls.Config) {
	conn := tls.Server(raw, config)
	defer conn.Close()
	if err := conn.Handshake(); err != nil {
		say(id, "error", "text", err.Error())
		return
	}
	saySecure(id, cmd, conn)
	if _, err := io.Copy(conn, conn); err != nil {
		say(id, "error", "text", err.Error())
		return
	}
	say(id, "end")
}

func connect(id string, cmd command) error {
	config, err := config(cmd)
	if err != nil {
		return err
	}
	if config.RootCAs, err = pool(cmd["ca"]); err != nil {
		return err
	}
	config.ServerName = "localhost"
	if cmd["name"] != "" {
		config.ServerName = cmd["name"]
	}
	config.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	times, _ := strconv.Atoi(cmd["connections"])
	for i := 0; i < times; i++ {
		if err := connectOnce(id, cmd, config); err != nil {
			return err
		}
	}
	return nil
}

func connectOnce(id string, cmd command, config *tls.Config) error {
	raw, err := net.Dial("tcp", "127.0.0.1:"+cmd["port"])
	if err != nil {
		return err
	}
	remember(id, raw)
	conn := tls.Client(raw, config)
	defer conn.Close()
	if err := conn.Handshake(); err != nil {
		return err
	}
	saySecure(id, cmd, conn)
	size, _ := strconv.Atoi(cmd["size"])
	rounds, _ := strconv.Atoi(cmd["rounds"])
	same := true
	for i := 0; i < rounds; i++ {
		sent, got := make([]byte, size), make([]byte, size)
		rand.Read(sent)
		written := make(chan error, 1)
		go func() {
			_, err := conn.Write(sent)
			written <- err
		}()
		if _, err := io.ReadFull(conn, got); err != nil {
			return err
		}
		// A Close during a Write leaves close_notify out.
		if err := <-written; err != nil {
			return err
		}
		same = same && bytes.Equal(sent, got)
	}
	say(id, "exchanged", "same", strconv.FormatBool(same))
	if cmd["hold"] == "1" {
		if _, err := io.Copy(io.Discard, conn); err != nil {
			return err
		}
		say(id, "end")
	}
	return nil
}

func main() {
	if len(os.Args) > 1 {
		for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			fmt.Println(suite.Name)
		}
		return
	}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		cmd := command{}
		for _, field := range strings.Split(input.Text(), "\t") {
			key, value, _ := strings.Cut(field, "=")
			cmd[key] = value
		}
		id := cmd["id"]
		switch cmd["cmd"] {
		case "hello":
			say(id, "hello")
		case "cut":
			cut(cmd["target"])
		case "listen":
			go func() {
				if err := listen(id, cmd); err != nil {
					say(id, "error", "text", err.Error())
				}
			}()
		case "connect":
			go func() {
				if err := connect(id, cmd); err != nil {
					say(id, "error", "text", err.Error())
				}
				say(id, "done")
			}()
		}
	}
}
