package tenants

import (
	"slices"
	"strings"

	"zhitong/internal/vocabulary"
)

// Permissions narrow what a key may do of what its role may: a level for each resource, none for one that is not there.
// Nil does not narrow; an empty map leaves nothing.
type Permissions map[vocabulary.Resource]vocabulary.Level

// Allow tells whether they leave the level of the resource.
func (p Permissions) Allow(r vocabulary.Resource, l vocabulary.Level) bool {
	return p == nil || p[r].Allows(l)
}

// Lack is the first of what other leaves and p does not; ok is false when there is none: then whoever has p may give
// other.
func (p Permissions) Lack(other Permissions) (r vocabulary.Resource, l vocabulary.Level, ok bool) {
	for _, r := range vocabulary.Resources() {
		for _, l := range []vocabulary.Level{vocabulary.LevelRead, vocabulary.LevelWrite} {
			if other.Allow(r, l) && !p.Allow(r, l) {
				return r, l, true
			}
		}
	}
	return "", "", false
}

// String lists them in the order of the resources, for the audit log; empty when they do not narrow.
func (p Permissions) String() string {
	if p == nil {
		return ""
	}
	var all []string
	for _, r := range vocabulary.Resources() {
		if l := p[r]; l != "" && l != vocabulary.LevelNone {
			all = append(all, string(r)+":"+string(l))
		}
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, " ")
}

// Texts is how they are stored and answered: every resource, so that nobody has to know what is meant by one that is
// missing. Nil when they do not narrow.
func (p Permissions) Texts() map[string]string {
	if p == nil {
		return nil
	}
	out := map[string]string{}
	for _, r := range vocabulary.Resources() {
		out[string(r)] = string(vocabulary.LevelNone)
		if l := p[r]; l.Valid() {
			out[string(r)] = string(l)
		}
	}
	return out
}

// ReadPermissions is the reverse of Texts.
func ReadPermissions(texts map[string]string) Permissions {
	if texts == nil {
		return nil
	}
	p := Permissions{}
	for r, l := range texts {
		if r, l := vocabulary.Resource(r), vocabulary.Level(l); slices.Contains(vocabulary.Resources(), r) {
			p[r] = l
		}
	}
	return p
}
