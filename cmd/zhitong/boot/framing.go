package boot

import (
	"bytes"
	"net"
	"strings"
)

// A request that tells its length by Content-Length and by Transfer-Encoding is read in one way by some servers and in
// the other by others, so that a part of it becomes a request of its own behind a proxy (RFC 9112, 6.1 and 11.2). The
// standard library obeys Transfer-Encoding and shows no handler that there was another length. So its bytes are looked
// at before: the second of the two fields loses its colon, and the server answers 400 by itself.

// framedListener hands out such connections.
type framedListener struct{ net.Listener }

// Accept implements net.Listener.
func (l framedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // the server looks at what it is
	}
	return &framedConn{Conn: c}, nil
}

// framedConn follows where the requests of a connection begin and end.
type framedConn struct {
	net.Conn

	read framing
}

// Read implements net.Conn. One goroutine reads a connection at a time, as net/http promises.
func (c *framedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.follow(b[:n])
	return n, err //nolint:wrapcheck // the server looks at what it is
}

// CloseWrite lets the server say goodbye before it hangs up: the client reads the last answer.
func (c *framedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite() //nolint:wrapcheck // the server passes over it
	}
	return nil
}

// Names of the fields that tell a length.
const (
	fieldLength   = "content-length"
	fieldEncoding = "transfer-encoding"
	// lineMax is how much of a line is looked at; the rest is passed over.
	lineMax = 64
	// bodyMost bounds a length, so that it cannot overflow: no body is as long.
	bodyMost = 1 << 50
)

// part is what comes next.
type part uint8

const (
	inHead  part = iota // lines of a head
	inBody              // so many bytes
	inChunk             // the line with a chunk's size
	inEnd               // trailers, up to an empty line
)

// framing is how far a stream of requests has been followed.
type framing struct {
	at      part
	line    []byte // its beginning, without the line's end
	left    int64  // bytes of the body, or of the chunk with its line's end
	chunked bool   // the body comes in chunks
	length  int64  // by Content-Length; -1: not told
	began   bool   // the request's first line was seen
	named   bool   // the line's name has ended
}

// follow looks at the next bytes, and takes the colon away from a second length.
func (f *framing) follow(b []byte) {
	for i := 0; i < len(b); {
		if f.at == inBody {
			n := min(f.left, int64(len(b)-i))
			i += int(n)
			if f.left -= n; f.left == 0 {
				f.bodyEnds()
			}
			continue
		}
		switch c := b[i]; {
		case c == '\n':
			f.lineEnds()
		case c == ':' && f.at == inHead && f.began && !f.named:
			f.named = true
			if f.twice() {
				b[i] = ' '
			}
			f.keep(c)
		default:
			f.keep(c)
		}
		i++
	}
}

func (f *framing) keep(c byte) {
	if len(f.line) < lineMax {
		f.line = append(f.line, c)
	}
}

// twice tells that the field that has just been named is the second that tells a length.
func (f *framing) twice() bool {
	switch {
	case bytes.EqualFold(f.line, []byte(fieldLength)):
		return f.chunked
	case bytes.EqualFold(f.line, []byte(fieldEncoding)):
		return f.length >= 0
	}
	return false
}

func (f *framing) lineEnds() {
	line := string(bytes.TrimSuffix(f.line, []byte("\r")))
	f.line, f.named = f.line[:0], false
	switch f.at {
	case inHead:
		f.headLine(line)
	case inChunk:
		f.left = number(line, 16)
		if f.at = inBody; f.left == 0 {
			f.at = inEnd
			return
		}
		f.left += int64(len("\r\n"))
	case inEnd:
		if line == "" {
			f.next()
		}
	case inBody:
	}
}

func (f *framing) headLine(line string) {
	if !f.began { // empty lines before a request are passed over
		f.began, f.length = line != "", -1
		return
	}
	name, value, _ := strings.Cut(line, ":")
	switch {
	case line == "" && f.chunked:
		f.at = inChunk
	case line == "" && f.length > 0:
		f.at, f.left = inBody, f.length
	case line == "":
		f.next()
	case strings.EqualFold(name, fieldEncoding):
		f.chunked = true
	case strings.EqualFold(name, fieldLength) && f.length < 0:
		f.length = number(strings.TrimSpace(value), 10)
	}
}

// bodyEnds is the end of a body, or of one chunk.
func (f *framing) bodyEnds() {
	if f.chunked {
		f.at = inChunk
		return
	}
	f.next()
}

func (f *framing) next() { *f = framing{line: f.line[:0]} }

// number reads digits up to the first character that is none: what else is no number the server refuses.
func number(text string, base int64) (n int64) {
	for _, c := range strings.ToLower(text) {
		digit := int64(strings.IndexRune("0123456789abcdef", c))
		if digit < 0 || digit >= base {
			break
		}
		if n = n*base + digit; n > bodyMost {
			return bodyMost
		}
	}
	return n
}
