package docs

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"

	"zhitong/internal/id"
)

// depthMax bounds how deep an example goes; no schema refers to itself.
const depthMax = 12

// exampleUUID stands for an identifier that has no example of its own.
const exampleUUID = "0193f5a0-5c7e-7cc4-9d2b-0a1b2c3d4e5f"

// examples gives every request and answer an example. It is composed of the examples of the properties, so that one
// thing has one id everywhere.
func (s *served) examples() {
	s.eachOperation(func(_, _ string, op *yaml.Node) {
		s.exemplify(at(op, "requestBody", "content"))
		each(get(op, "responses"), func(_ string, r *yaml.Node) { s.exemplify(get(r, "content")) })
	})
	each(at(s.root, "components", "responses"), func(_ string, r *yaml.Node) { s.exemplify(get(r, "content")) })
	parameters := []*yaml.Node{at(s.root, "components", "parameters")}
	s.eachOperation(func(_, _ string, op *yaml.Node) { parameters = append(parameters, get(op, "parameters")) })
	for _, list := range parameters {
		s.exemplifyParameters(list)
	}
}

func (s *served) exemplifyParameters(list *yaml.Node) {
	if list == nil {
		return
	}
	for _, p := range list.Content {
		required := value(p, "required") == "true" || value(p, "in") == "path"
		if schema := get(p, "schema"); schema != nil && required && get(p, "example") == nil {
			set(p, "example", s.example(schema, 0))
		}
	}
}

func (s *served) exemplify(content *yaml.Node) {
	each(content, func(_ string, media *yaml.Node) {
		schema := get(media, "schema")
		if schema == nil || get(media, "example") != nil || get(media, "examples") != nil ||
			value(schema, "format") == "binary" {
			return
		}
		set(media, "example", s.example(schema, 0))
	})
}

// example composes an example of a schema.
func (s *served) example(n *yaml.Node, depth int) *yaml.Node {
	if depth > depthMax {
		return mapping()
	}
	if e := get(n, "example"); e != nil {
		return clone(e)
	}
	var out *yaml.Node
	switch target := s.target(n); {
	case target != nil:
		out = s.example(target, depth+1)
	case first(n) != nil:
		out = s.example(first(n), depth+1)
	case get(n, "properties") != nil:
		out = mapping()
		each(get(n, "properties"), func(name string, p *yaml.Node) { set(out, name, s.example(p, depth+1)) })
	case value(n, "type") == "array":
		out = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{s.example(get(n, "items"), depth+1)}}
	default:
		out = s.plain(n)
	}
	merge(out, get(n, extExample))
	return out
}

// first is the first of several schemas that hold or may hold.
func first(n *yaml.Node) *yaml.Node {
	for _, of := range []string{"allOf", "oneOf", "anyOf"} {
		if list := get(n, of); list != nil && len(list.Content) > 0 {
			return list.Content[0]
		}
	}
	return nil
}

func (s *served) plain(n *yaml.Node) *yaml.Node {
	if e := get(n, "enum"); e != nil {
		return clone(e.Content[0])
	}
	switch value(n, "type") {
	case "integer":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"}
	case "boolean":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}
	case "object":
		return mapping()
	}
	switch value(n, "format") {
	case "uuid":
		return str(exampleUUID)
	case "date-time":
		return str("2026-03-01T08:00:00.000000Z")
	case "date":
		return str("2026-03-01")
	}
	return str("…")
}

// merge lays what differs over an example: fields are replaced, null takes one away.
func merge(onto, over *yaml.Node) {
	each(over, func(key string, v *yaml.Node) {
		switch have := get(onto, key); {
		case v.Tag == "!!null":
			drop(onto, key)
		case have != nil && have.Kind == yaml.MappingNode && v.Kind == yaml.MappingNode:
			merge(have, v)
		default:
			set(onto, key, clone(v))
		}
	})
}

// webhooks writes a webhook for every type of event. Its body is the event as getEvent answers it, with the data of the
// type.
func (s *served) webhooks() {
	hooks := mapping()
	event := get(s.schemas, "Event")
	each(at(s.schemas, "EventType", extEvents), func(name string, e *yaml.Node) {
		data, subject := value(e, "data"), value(e, "subject")
		body := clone(event)
		properties := get(body, "properties")
		set(properties, "type", mapping(
			"type", str("string"),
			"const", str(name),
			"description", str(s.say("What happened.", "事件类型。")),
		))
		set(properties, "data", mapping("$ref", str("#/components/schemas/"+data)))
		full := s.example(event, 0)
		set(full, "type", str(name))
		set(full, "subject_type", str(subject))
		set(full, "subject_id", s.subject(subject))
		set(full, "data", s.example(get(s.schemas, data), 0))
		merge(get(full, "data"), get(e, extExample))
		post := mapping(
			"operationId", str("on"+camel(name)),
			"tags", list("webhooks"),
			"summary", str(name),
			"description", str(s.say(value(e, "description"), value(e, "x-description-zh"))+"\n\n"+s.manners()),
			"security", &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle},
			"parameters", s.signatureHeaders(),
			"requestBody", mapping("required", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"},
				"content", mapping("application/json", mapping("schema", body, "example", full))),
			"responses", mapping(
				"2XX", mapping("description", str(s.say("Taken.", "已接收。"))),
				"410", mapping("description", str(s.say("Never again: the endpoint is disabled.", "不再接收：该地址会被停用。"))),
				"default", mapping("description", str(s.say("Not taken: tried again later.", "未接收：稍后重试。"))),
			))
		set(hooks, name, mapping("post", post))
	})
	set(s.root, "webhooks", hooks)
}

// subject is the example of a subject's id: that of its kind's schema, so that one thing has one id everywhere.
func (s *served) subject(kind string) *yaml.Node {
	if schema := get(s.schemas, camel(kind)+"Id"); schema != nil {
		return s.example(schema, 0)
	}
	return str(id.TextOf(kind, uuid.MustParse(exampleUUID)))
}

// manners is how events are delivered; the guide on webhooks tells more.
func (s *served) manners() string {
	return s.say(
		"Answer with 2xx within 10 seconds, then work. Anything else, redirects too, is tried again: 13 attempts in "+
			"nearly five days, with the same `webhook-id` and body. Events may come twice and in any order: leave "+
			"out by "+
			"`id` what came twice; `sequence` is the order of one subject's events. See "+
			"[Webhooks](/docs/guides/webhooks).",
		"请在 10 秒内返回 2xx，然后再处理。其他应答（包括重定向）都会重试：近五天内共 13 次，"+
			"`webhook-id` 和请求体不变。事件可能重复、可能乱序：请按 `id` 去重；同一对象的事件以 `sequence` 为序。"+
			"详见 [Webhooks](/docs/guides/webhooks)。")
}

func (s *served) signatureHeaders() *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode}
	for _, h := range []struct{ name, en, zh, example string }{
		{"webhook-id", "The event. A repeat has the same: use it to leave out what came twice.",
			"事件标识。重发时不变，可用于去重。", ""},
		{"webhook-timestamp", "When it was sent, in Unix seconds. Refuse what is more than five minutes away.",
			"发送时间，Unix 秒。与当前时间相差超过五分钟的应拒绝。", "1772352071"},
		{"webhook-signature", "One or more signatures, separated by spaces: `v1,` and the base64 HMAC-SHA256 of " +
			"`id.timestamp.body`.",
			"一个或多个签名，以空格分隔：`v1,` 加 `id.timestamp.body` 的 HMAC-SHA256（base64）。",
			"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	} {
		example := str(h.example)
		if h.example == "" {
			example = s.example(get(s.schemas, "EventId"), 0)
		}
		out.Content = append(out.Content, mapping(
			"name", str(h.name), "in", str("header"),
			"required", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"},
			"description", str(s.say(h.en, h.zh)),
			"schema", mapping("type", str("string")), "example", example))
	}
	return out
}

func (s *served) say(en, zh string) string {
	if s.lang == Chinese {
		return zh
	}
	return en
}

func list(values ...string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode}
	for _, v := range values {
		out.Content = append(out.Content, str(v))
	}
	return out
}

func camel(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '.' || r == '_' }) {
		fmt.Fprintf(&b, "%s%s", strings.ToUpper(part[:1]), part[1:])
	}
	return b.String()
}
