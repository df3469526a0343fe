package notices

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// template is a text with variables, taken apart: literal, variable, literal, …
type template []string

var variable = regexp.MustCompile(`^[a-z][a-z_]{0,31}$`)

// parse reads a text whose variables are written {{name}}. There is nothing else in the language: no conditions, no
// calls. The error says what is wrong.
func parse(s string, known []string) (template, error) {
	var t template
	for {
		before, rest, open := strings.Cut(s, "{{")
		if strings.Contains(before, "}}") {
			return nil, fmt.Errorf("has }} without {{")
		}
		t = append(t, before)
		if !open {
			return t, nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		switch {
		case !closed:
			return nil, fmt.Errorf("has {{ without }}")
		case !variable.MatchString(name):
			return nil, fmt.Errorf("has {{ }} around what is no name")
		case !slices.Contains(known, name):
			return nil, fmt.Errorf("names {{%s}}; there are %s", name, strings.Join(known, ", "))
		}
		t, s = append(t, name), after
	}
}

// fill puts values, which it makes [harmless], in the place of the variables. What a value has of braces stays text.
func (t template) fill(values map[string]string) string {
	var b strings.Builder
	for i, part := range t {
		if i%2 == 1 {
			part = harmless(values[part])
			if part == "" {
				part = "-"
			}
		}
		b.WriteString(part)
	}
	return b.String()
}

// Template is the text for a type of event.
type Template struct {
	Type      vocabulary.EventType
	Language  vocabulary.Language
	Title     string
	Text      string
	Own       bool       // the tenant's
	UpdatedAt *time.Time // of the tenant's own
}

func defaultOf(t vocabulary.EventType, l vocabulary.Language) Template {
	w := wordsOf(t, l)
	return Template{Type: t, Language: l, Title: w.label, Text: w.text}
}

// parts takes a template apart. It returns notice_template_invalid.
func (t Template) parts() (title, body template, err error) {
	if !slices.Contains(vocabulary.EventTypes(), t.Type) || t.Type == vocabulary.EventWebhookTest {
		return nil, nil, fault.New(CodeTemplateNotFound, "There is no such type of event.")
	}
	refuse := func(at string, err error) error {
		return fault.New(CodeTemplateInvalid, "The text cannot be used.").At(at, "variable", "It "+err.Error()+".")
	}
	if title, err = parse(t.Title, Variables(t.Type)); err != nil {
		return nil, nil, refuse("/title", err)
	}
	if body, err = parse(t.Text, Variables(t.Type)); err != nil {
		return nil, nil, refuse("/text", err)
	}
	return title, body, nil
}

// ListTemplates lists the text that is used for each type of event, in both languages.
func (s *Service) ListTemplates(ctx context.Context, a tenants.Actor) (out []Template, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		own, err := q.NoticeTemplateList(ctx, tx, templatesMax)
		if err != nil {
			return fmt.Errorf("list the templates: %w", err)
		}
		out = out[:0]
		for _, t := range expand(groups()) {
			for _, l := range []vocabulary.Language{vocabulary.Chinese, vocabulary.English} {
				used := defaultOf(t, l)
				for _, r := range own {
					if r.EventType == t && r.Language == l {
						used = ownOf(r)
					}
				}
				out = append(out, used)
			}
		}
		return nil
	})
	return out, err
}

// groups are all groups of types.
func groups() (out []string) {
	for _, t := range vocabulary.EventTypes() {
		group, _, _ := strings.Cut(string(t), ".")
		out = append(out, group+".*")
	}
	return out
}

func ownOf(r dbsqlc.NoticeTemplate) Template {
	return Template{Type: r.EventType, Language: r.Language, Title: r.Title, Text: r.Text, Own: true,
		UpdatedAt: &r.UpdatedAt}
}

// PutTemplate gives a type of event a text of the tenant's own. It returns notice_template_invalid or
// notice_template_not_found.
func (s *Service) PutTemplate(ctx context.Context, a tenants.Actor, t Template) (Template, error) {
	if _, _, err := t.parts(); err != nil {
		return Template{}, err
	}
	now := s.clock.Now()
	t.Own, t.UpdatedAt = true, &now
	return t, a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		err := q.NoticeTemplatePut(ctx, tx.Later(), dbsqlc.NoticeTemplatePutParams{EventType: t.Type,
			Language: t.Language, Title: t.Title, Text: t.Text, UpdatedAt: now})
		if err != nil {
			return fmt.Errorf("keep the template: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "putNoticeTemplate", "tenant", a.Tenant,
			string(t.Type)+" "+string(t.Language))
	})
}

// DeleteTemplate goes back to the default text. It returns notice_template_not_found.
func (s *Service) DeleteTemplate(ctx context.Context, a tenants.Actor, t vocabulary.EventType,
	l vocabulary.Language,
) error {
	return a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		n, err := q.NoticeTemplateDelete(ctx, tx, t, l)
		if err != nil {
			return fmt.Errorf("delete the template: %w", err)
		}
		if n == 0 {
			return fault.New(CodeTemplateNotFound, "There is no text of your own.")
		}
		return audit.Record(ctx, tx, audit.Actor(a), "deleteNoticeTemplate", "tenant", a.Tenant,
			string(t)+" "+string(l))
	})
}

// Preview shows a text as a message with made-up values. It returns notice_template_invalid or
// notice_template_not_found.
func (s *Service) Preview(ctx context.Context, a tenants.Actor, t Template) (m Message, err error) {
	title, body, err := t.parts()
	if err != nil {
		return Message{}, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		own, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the platform: %w", err)
		}
		m = compose(title, body, samples(t.Type, own.Name, s.clock.Now(), t.Language), own.Name,
			own.Mode == vocabulary.ModeSandbox, 1, t.Language)
		return nil
	})
	return m, err
}

// template is the text that is used for a type of event. One of the tenant's own that names what there is no longer is
// passed over.
func (s *Service) template(ctx context.Context, tx db.TenantTx, t vocabulary.EventType, l vocabulary.Language) (
	title, body template, err error,
) {
	own, err := q.NoticeTemplateGet(ctx, tx, t, l)
	if err != nil {
		return nil, nil, fmt.Errorf("read the template: %w", err)
	}
	for _, r := range own {
		if title, body, err = ownOf(r).parts(); err == nil {
			return title, body, nil
		}
	}
	return defaultOf(t, l).parts()
}

// Notice is a message: of one event, or of several of a type.
type Notice struct {
	ID          id.Notice
	Route       id.NoticeRoute
	Type        vocabulary.EventType
	Status      vocabulary.NoticeStatus
	Digest      id.Notice // the message that it was told in; zero: its own
	Events      int
	First, Last id.Event
	Attempts    int
	Error       string // why it was not taken, the last time
	CreatedAt   time.Time
	DueAt       time.Time
	SentAt      *time.Time
}

// Filter narrows a list of notices; empty fields take all.
type Filter struct {
	Route  id.NoticeRoute
	Status vocabulary.NoticeStatus
}

// List reads a page of notices, newest first.
func (s *Service) List(ctx context.Context, a tenants.Actor, page tenants.Page[id.Notice], f Filter) (
	out tenants.PageOf[Notice], err error,
) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.NoticeList(ctx, tx, dbsqlc.NoticeListParams{Before: page.Cursor(), RouteID: f.Route.UUID(),
			Status: string(f.Status), PageSize: page.Fetch()})
		if err != nil {
			return fmt.Errorf("list the notices: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.Notice) string { return r.ID.String() },
			func(r dbsqlc.Notice) Notice {
				return Notice{ID: r.ID, Route: r.RouteID, Type: r.EventType, Status: r.Status, Digest: r.DigestID,
					Events: int(r.Events), First: r.FirstEvent, Last: r.LastEvent, Attempts: int(r.Attempts),
					Error: r.Error, CreatedAt: r.CreatedAt, DueAt: r.DueAt, SentAt: r.SentAt}
			})
		return nil
	})
	return out, err
}
