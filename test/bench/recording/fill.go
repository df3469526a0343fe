package recording

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"zhitong/test/bench/seed"
)

var token = regexp.MustCompile(`\{(hex:)?(o|t|f):(\d+)\}|\{now([+-]\d+)\}|\{trade_no\}`)

// Compiled is a transaction ready to be filled in often.
type Compiled struct{ Batches [][]CompiledStatement }

// CompiledStatement is a statement whose templates have been taken apart.
type CompiledStatement struct {
	SQL  string
	args [][]piece // nil: NULL
}

// piece is fixed text, or what depends on the order.
type piece struct {
	text   string
	of     byte // 0: text; o, t, f: identifiers; n: trade number; w: an instant
	hex    bool
	number int
}

// Compile takes the templates apart.
func (t Transaction) Compile() Compiled {
	var c Compiled
	for _, b := range t {
		var out []CompiledStatement
		for _, s := range b {
			cs := CompiledStatement{SQL: s.SQL}
			for _, a := range s.Args {
				if a == nil {
					cs.args = append(cs.args, nil)
					continue
				}
				cs.args = append(cs.args, pieces(*a))
			}
			out = append(out, cs)
		}
		c.Batches = append(c.Batches, out)
	}
	return c
}

func pieces(text string) []piece {
	out := []piece{}
	for text != "" {
		loc := token.FindStringIndex(text)
		if loc == nil {
			return append(out, piece{text: text})
		}
		if loc[0] > 0 {
			out = append(out, piece{text: text[:loc[0]]})
		}
		m := token.FindStringSubmatch(text)
		p := piece{hex: m[1] != "", of: 'n'}
		switch {
		case m[4] != "":
			p.of = 'w'
			p.number, _ = strconv.Atoi(m[4])
		case m[2] != "":
			p.of = m[2][0]
			p.number, _ = strconv.Atoi(m[3])
		}
		out = append(out, p)
		text = text[loc[1]:]
	}
	return out
}

// Args gives the arguments for the n-th order, as text, at the given instant.
func (s CompiledStatement) Args(n, tenants int64, now time.Time) []any {
	out := make([]any, len(s.args))
	var b strings.Builder
	for i, a := range s.args {
		switch {
		case a == nil:
			continue
		case len(a) == 0:
			out[i] = ""
			continue
		case len(a) == 1 && a[0].of == 0:
			out[i] = a[0].text
			continue
		}
		b.Reset()
		for _, p := range a {
			p.write(&b, n, tenants, now)
		}
		out[i] = b.String()
	}
	return out
}

func (p piece) write(b *strings.Builder, n, tenants int64, now time.Time) {
	var u uuid.UUID
	switch p.of {
	case 0:
		b.WriteString(p.text)
		return
	case 'n':
		b.WriteString(seed.TradeNo(n))
		return
	case 'w':
		b.WriteString(now.Add(time.Duration(p.number) * time.Second).Format(time.RFC3339Nano))
		return
	case 't':
		u = seed.UID(p.number, seed.TenantOf(n, tenants))
	case 'f':
		u = seed.UID(seed.Fresh, n*seed.FreshPerOrder+int64(p.number))
	default:
		u = seed.UID(p.number, n)
	}
	if p.hex {
		b.WriteString(hex.EncodeToString(u[:]))
		return
	}
	b.WriteString(u.String())
}

const header = `-- Made from the product's own transaction by "make generate": do not edit. A test compares.
-- One transaction is one order: number :n, of tenant :t. Give -D base=…, -D step=… (clients), -D tenants=….
\set i :i + 1
\set n :base + :client_id + :step * (:i - 1)
\set t :n % :tenants + 1
`

// Script writes a transaction for pgbench: each statement a round trip of its own, or each of the product's batches one
// pipeline.
func (t Transaction) Script(pipelined bool) string {
	var b strings.Builder
	b.WriteString(header)
	for _, batch := range t {
		if pipelined {
			b.WriteString("\\startpipeline\n")
		}
		for _, s := range batch {
			b.WriteString(s.line() + ";\n")
		}
		if pipelined {
			b.WriteString("\\endpipeline\n")
		}
	}
	return b.String()
}

var parameter = regexp.MustCompile(`\$(\d+)`)

func (s Statement) line() string {
	return parameter.ReplaceAllStringFunc(flat(s.SQL), func(p string) string {
		i, _ := strconv.Atoi(p[1:])
		return expression(s.Args[i-1], s.Types[i-1])
	})
}

// flat puts a statement on one line, without comments.
func flat(sql string) string { return strings.Join(strings.Fields(sql), " ") }

// expression writes an argument as SQL for pgbench, in which an order's number is :n and a tenant's :t.
func expression(a *string, typ string) string {
	cast := "::" + sqlType(typ)
	if a == nil {
		return "NULL" + cast
	}
	if m := token.FindStringSubmatch(*a); m != nil && m[0] == *a {
		switch {
		case m[4] == "+0":
			return "now()"
		case m[4] != "":
			return "(now() + interval '" + m[4] + " seconds')"
		case m[2] != "" && m[1] == "" && typ == "uuid":
			return uidSQL(m[2], m[3])
		}
	}
	var parts []string
	rest := *a
	for rest != "" {
		loc := token.FindStringSubmatchIndex(rest)
		if loc == nil {
			parts = append(parts, literal(rest))
			break
		}
		if loc[0] > 0 {
			parts = append(parts, literal(rest[:loc[0]]))
		}
		parts = append(parts, part(token.FindStringSubmatch(rest)))
		rest = rest[loc[1]:]
	}
	if len(parts) == 0 {
		return "''" + cast
	}
	if len(parts) == 1 {
		return parts[0] + cast
	}
	return "(" + strings.Join(parts, " || ") + ")" + cast
}

func part(m []string) string {
	switch {
	case m[4] != "":
		return "(now() + interval '" + m[4] + " seconds')::text"
	case m[2] == "":
		return seed.TradeNoSQL(":n")
	case m[1] != "":
		return "replace(" + uidSQL(m[2], m[3]) + "::text, '-', '')"
	}
	return uidSQL(m[2], m[3]) + "::text"
}

func uidSQL(of, kind string) string {
	k, _ := strconv.Atoi(kind)
	switch of {
	case "t":
		return seed.UIDSQL(k, ":t")
	case "f":
		return seed.UIDSQL(seed.Fresh, fmt.Sprintf(":n::bigint * %d + %d", seed.FreshPerOrder, k))
	}
	return seed.UIDSQL(k, ":n")
}

// literal writes a text; a colon is written by its number, because pgbench looks for variables in literals too.
func literal(s string) string {
	if !strings.ContainsAny(s, `:\`) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	s = strings.NewReplacer(`\`, `\\`, "'", "''", ":", `\072`).Replace(s)
	return "E'" + s + "'"
}

// sqlType is how a type is called in a cast.
func sqlType(name string) string {
	if element, ok := strings.CutPrefix(name, "_"); ok {
		return element + "[]"
	}
	if name == "" {
		return "text"
	}
	return name
}
