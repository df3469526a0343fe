package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"zhitong"
	"zhitong/api/contract"
	"zhitong/internal/fault"
)

// Extensions of openapi.yaml that the served contract is made from.
const (
	extChinese    = "-zh"          // x-summary-zh and so on: the Chinese of what stands above
	extGo         = "x-go-"        // how the server's Go code is generated
	extExtensible = "x-extensible" // an enumeration of answers that may gain values
	extExample    = "x-example"    // in what the composed example of a schema differs; null takes a property away
	extEvents     = "x-events"     // what each type of event carries
	extCodes      = "x-error-codes"
)

// served makes the contract that integrators read, in one language, from openapi.yaml: without what concerns our own
// code, with examples, with the error codes of each operation in words, with enumerations open where they may grow, and
// with the webhooks.
type served struct {
	lang      Lang
	contract  *contract.Contract
	catalogue fault.Catalogue
	root      *yaml.Node
	schemas   *yaml.Node
	requested map[string]bool // schemas that only requests use
}

// Contract is the served contract in one language.
type Contract struct{ YAML, JSON []byte }

// Served makes the contract that is served in the language.
func Served(lang Lang, c *contract.Contract, catalogue fault.Catalogue) (Contract, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(zhitong.OpenAPI()), &doc); err != nil {
		return Contract{}, fmt.Errorf("read openapi.yaml: %w", err)
	}
	s := &served{lang: lang, contract: c, catalogue: catalogue, root: doc.Content[0]}
	s.schemas = at(s.root, "components", "schemas")
	s.operations()
	s.webhooks()
	s.examples()
	s.closeRequests()
	s.words(s.root)
	var out Contract
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := enc.Encode(s.root); err != nil {
		return out, fmt.Errorf("write the served contract: %w", err)
	}
	out.YAML = text.Bytes()
	var err error
	out.JSON, err = ordered(s.root)
	return out, err
}

// words goes through the document: the language is chosen, our own extensions are dropped, enumerations are opened.
func (s *served) words(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		s.choose(n)
		if value(n, extExtensible) != "" {
			s.open(n)
		}
		var kept []*yaml.Node
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i].Value
			ours := strings.HasPrefix(key, extGo) ||
				strings.HasPrefix(key, "x-") && strings.HasSuffix(key, extChinese) ||
				key == extExample || key == extEvents || key == extExtensible
			if !ours {
				kept = append(kept, n.Content[i], n.Content[i+1])
			}
		}
		n.Content = kept
	}
	for _, c := range n.Content {
		s.words(c)
	}
}

func (s *served) choose(n *yaml.Node) {
	if s.lang != Chinese {
		return
	}
	for _, name := range []string{"title", "summary", "description", "x-displayName"} {
		if zh := get(n, "x-"+strings.TrimPrefix(name, "x-")+extChinese); zh != nil && zh.Kind == yaml.ScalarNode {
			set(n, name, str(joined(zh.Value)))
		}
	}
}

// brokenLine is a line of Chinese that goes on in the next one.
var brokenLine = regexp.MustCompile(`(\p{Han}|[，。；：、）])\n(\p{Han}|[A-Za-z（“\x60])`)

func joined(zh string) string { return brokenLine.ReplaceAllString(zh, "$1$2") }

// open makes an enumeration one that may grow: generators make it a string, people see the values.
func (s *served) open(n *yaml.Node) {
	values := get(n, "enum")
	if values == nil {
		return
	}
	rename(n, "enum", "x-extensible-enum")
	more := " More values may come."
	if s.lang == Chinese {
		more = "以后可能增加新的取值。"
	}
	text := value(n, "description")
	for _, v := range values.Content {
		if !strings.Contains(text, "`"+v.Value+"`") { // the description does not explain them: name them
			text += s.listed(values.Content)
			break
		}
	}
	set(n, "description", str(text+more))
}

func (s *served) listed(values []*yaml.Node) string {
	var names []string
	for _, v := range values {
		names = append(names, "`"+v.Value+"`")
	}
	if s.lang == Chinese {
		return "取值：" + strings.Join(names, "、") + "。"
	}
	return " One of " + strings.Join(names, ", ") + "."
}

// operations writes the codes of each operation into its description, and Request-Id into every answer.
func (s *served) operations() {
	id := mapping("$ref", str("#/components/headers/RequestId"))
	s.eachOperation(func(path, method string, op *yaml.Node) {
		o := s.contract.Operation(strings.ToUpper(method), path)
		codes := &yaml.Node{Kind: yaml.SequenceNode}
		for _, c := range o.Codes {
			codes.Content = append(codes.Content, str(string(c)))
		}
		s.choose(op)
		drop(op, "x-description-zh")
		set(op, "description", str(strings.TrimSpace(value(op, "description"))+"\n\n"+s.table(o.Codes)))
		set(op, extCodes, codes)
		each(get(op, "responses"), func(status string, r *yaml.Node) {
			if status == "default" || get(r, "$ref") != nil { // what is shared says so itself
				return
			}
			if get(r, "headers") == nil {
				set(r, "headers", mapping())
			}
			set(get(r, "headers"), "Request-Id", id)
		})
	})
	all := &yaml.Node{Kind: yaml.SequenceNode}
	for _, d := range s.catalogue.Sorted() {
		all.Content = append(all.Content, str(string(d.Code)))
	}
	set(at(s.schemas, "Problem", "properties", "code"), "x-extensible-enum", all)
}

func (s *served) table(codes []fault.Code) string {
	var b strings.Builder
	head := "| Error code | Status | Meaning |\n|---|---|---|\n"
	if s.lang == Chinese {
		head = "| 错误码 | 状态 | 含义 |\n|---|---|---|\n"
	}
	b.WriteString(head)
	sorted := slices.SortedStableFunc(slices.Values(codes), func(a, b fault.Code) int {
		return s.catalogue[a].Status - s.catalogue[b].Status
	})
	for _, c := range sorted {
		d := s.catalogue[c]
		fmt.Fprintf(&b, "| [`%s`](/docs/errors#%s) | %d | %s |\n", c, c, d.Status, d.TitleIn(s.lang == Chinese))
	}
	return b.String()
}

// closeRequests keeps enumerations of requests closed: what a request names by reference is written out, so that the
// open one stays for answers.
func (s *served) closeRequests() {
	s.requested = s.onlyRequests()
	s.eachOperation(func(_, _ string, op *yaml.Node) {
		if p := get(op, "parameters"); p != nil {
			s.closeIn(p)
		}
	})
	s.closeIn(at(s.root, "components", "parameters"))
	for name := range s.requested {
		s.closeIn(get(s.schemas, name))
	}
}

func (s *served) closeIn(n *yaml.Node) {
	if n == nil {
		return
	}
	if target := s.target(n); target != nil && value(target, extExtensible) != "" {
		drop(n, "$ref")
		each(clone(target), func(key string, v *yaml.Node) {
			if key != extExtensible && key != extEvents && get(n, key) == nil {
				set(n, key, v)
			}
		})
	}
	drop(n, extExtensible)
	for _, c := range n.Content {
		s.closeIn(c)
	}
}

// onlyRequests are the schemas that requests reach and answers do not.
func (s *served) onlyRequests() map[string]bool {
	in, out := map[string]bool{}, map[string]bool{}
	s.eachOperation(func(_, _ string, op *yaml.Node) {
		s.reach(get(op, "requestBody"), in)
		s.reach(get(op, "responses"), out)
	})
	s.reach(get(s.root, "webhooks"), out)
	maps.DeleteFunc(in, func(name string, _ bool) bool { return out[name] })
	maps.DeleteFunc(in, func(name string, _ bool) bool { return value(get(s.schemas, name), extExtensible) != "" })
	return in
}

func (s *served) reach(n *yaml.Node, seen map[string]bool) {
	if n == nil {
		return
	}
	if name, ok := strings.CutPrefix(value(n, "$ref"), "#/components/schemas/"); ok && !seen[name] {
		seen[name] = true
		s.reach(get(s.schemas, name), seen)
	}
	if name, ok := strings.CutPrefix(value(n, "$ref"), "#/components/responses/"); ok {
		s.reach(at(s.root, "components", "responses", name), seen)
	}
	for _, c := range n.Content {
		s.reach(c, seen)
	}
}

// target is what a reference to a schema leads to, or nil.
func (s *served) target(n *yaml.Node) *yaml.Node {
	if name, ok := strings.CutPrefix(value(n, "$ref"), "#/components/schemas/"); ok {
		return get(s.schemas, name)
	}
	return nil
}

func (s *served) eachOperation(do func(path, method string, op *yaml.Node)) {
	each(get(s.root, "paths"), func(path string, item *yaml.Node) {
		each(item, func(method string, op *yaml.Node) {
			if get(op, "operationId") != nil {
				do(path, method, op)
			}
		})
	})
}

// ordered is the document as JSON, its fields in the order of openapi.yaml.
func ordered(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	var write func(*yaml.Node) error
	write = func(n *yaml.Node) error {
		open, end := byte('{'), byte('}')
		switch n.Kind {
		case yaml.SequenceNode:
			open, end = '[', ']'
		case yaml.MappingNode:
		default:
			var v any
			if err := n.Decode(&v); err != nil {
				return err
			}
			text, err := json.Marshal(v)
			b.Write(text)
			return err
		}
		b.WriteByte(open)
		for i, c := range n.Content {
			key := n.Kind == yaml.MappingNode && i%2 == 0
			if i > 0 && (key || n.Kind == yaml.SequenceNode) {
				b.WriteByte(',')
			}
			if key {
				name, _ := json.Marshal(c.Value)
				b.Write(append(name, ':'))
			} else if err := write(c); err != nil {
				return err
			}
		}
		b.WriteByte(end)
		return nil
	}
	if err := write(n); err != nil {
		return nil, fmt.Errorf("write the served contract as JSON: %w", err)
	}
	return b.Bytes(), nil
}
