// Package text is the one rule for what people type: names, references, reasons, contacts, descriptions.
//
// The edges are cut, the rest is put into Normalization Form C (UAX #15), and then every character has to be seen by
// who reads it: no control, direction or zero-width character makes a text look like another one or like none. What is
// part of a shape stays: the joiner, variation selectors and tags within an emoji (UTS #51), and variation selectors
// after a Chinese character (UTS #37). Unassigned and private characters stay, too: a person's name may be written with
// one that is younger than our tables, or that only its own register has.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Class is what a text is for.
type Class string

// The classes.
const (
	Line  Class = "line"  // one line
	Lines Class = "lines" // with line breaks and tabs
	Key   Class = "key"   // a card key: the edges are cut, and what is inside stays as it is
	Exact Class = "exact" // kept as it came: keys and certificates, which their own readers check
)

// Known tells whether there is such a class.
func (c Class) Known() bool { return c == Line || c == Lines || c == Key || c == Exact }

// Reason is what is wrong with a text.
type Reason string

// The reasons; they are codes of faulty fields in the API.
const (
	Unseen Reason = "invisible_character"
	Blank  Reason = "blank"
	Broken Reason = "format" // is not UTF-8; the API refuses that before
)

// Error tells what is wrong and where.
type Error struct {
	Reason Reason
	At     int  // which character of the text as it came, from 1; 0 unless Unseen
	Rune   rune // the character
}

// Error implements error. It repeats nothing of the text but the one character's number.
func (e *Error) Error() string {
	switch e.Reason {
	case Blank:
		return "has no visible character"
	case Broken:
		return "is not UTF-8"
	case Unseen:
	}
	return fmt.Sprintf("character %d is %U, which cannot be seen or may not stand there", e.At, e.Rune)
}

const bom = '\ufeff'

// Clean is the text as it is kept, or an [*Error]. The empty text is good: whether a field may be empty is said where
// the field is.
func (c Class) Clean(s string) (string, error) {
	if c == Exact || plain(s) {
		return s, nil
	}
	if !utf8.ValidString(s) {
		return "", &Error{Reason: Broken}
	}
	cut := Trim(s)
	if c != Key {
		if err := c.unseen(cut, utf8.RuneCountInString(s[:strings.Index(s, cut)])); err != nil {
			return "", err
		}
	}
	if !strings.ContainsFunc(cut, Visible) {
		return "", &Error{Reason: Blank}
	}
	if c == Key {
		return cut, nil
	}
	return norm.NFC.String(cut), nil
}

// plain tells that a text is ASCII without anything to cut or to refuse, as most are.
func plain(s string) bool {
	if s == "" {
		return true
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s[0] != ' ' && s[len(s)-1] != ' '
}

// Trim cuts white space and byte order marks at the edges, which editors and spreadsheets leave there.
func Trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r == bom || unicode.IsSpace(r) })
}

// unseen finds the first character that may not stand where it stands. skipped is how many were cut before s.
func (c Class) unseen(s string, skipped int) error {
	all := []rune(s)
	for i, r := range all {
		if !c.fits(all, i) {
			return &Error{Reason: Unseen, At: skipped + i + 1, Rune: r}
		}
	}
	return nil
}

// fits tells whether the character at i may stand there.
func (c Class) fits(all []rune, i int) bool {
	r := all[i]
	breaks := r == '\n' || r == '\t' || r == '\r' && i+1 < len(all) && all[i+1] == '\n'
	return c == Lines && breaks || !Invisible(r) || partOfShape(all, i)
}

// Invisible tells whether a character has no shape of its own: controls, format characters, line breaks, fillers,
// selectors, and what Unicode says is no character. White space on one line is not invisible.
func Invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// brailleBlank is a symbol whose picture is empty.
const brailleBlank = '\u2800'

// Visible tells whether a character alone makes a text something that is seen.
func Visible(r rune) bool {
	return !Invisible(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) && r != brailleBlank
}

const (
	joiner   = '\u200d'
	tagFlag  = '\U0001f3f4' // the black flag, which tags make a region's
	tagFirst = '\U000e0020'
	tagLast  = '\U000e007f'
	keycap   = '\u20e3'
)

// partOfShape tells whether the invisible character at i belongs to the shape of its neighbours.
func partOfShape(all []rune, i int) bool {
	if i == 0 {
		return false
	}
	r, before := all[i], all[i-1]
	switch {
	case r == joiner:
		return (emoji(before) || isSelector(before) && i > 1 && emoji(all[i-2])) && i+1 < len(all) && emoji(all[i+1])
	case isSelector(r):
		if unicode.Is(unicode.Han, before) {
			return true
		}
		isEmojiStyle := r == '\ufe0e' || r == '\ufe0f'
		return isEmojiStyle && (emoji(before) || strings.ContainsRune("0123456789#*", before) &&
			i+1 < len(all) && all[i+1] == keycap)
	case r >= tagFirst && r <= tagLast:
		for i--; i > 0 && all[i] >= tagFirst && all[i] < tagLast; i-- {
			continue
		}
		return all[i] == tagFlag
	}
	return false
}

func isSelector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }

// emoji tells whether a character may be part of an emoji: symbols, and the few letters and marks among them.
func emoji(r rune) bool {
	return r > unicode.MaxASCII && unicode.In(r, unicode.So, unicode.Sk, unicode.Sm) ||
		strings.ContainsRune("\u203c\u2049\u3030\u303d\u2139", r)
}

// Piece is a part of a text: a run of characters that are seen, or one that is not.
type Piece struct {
	Text   string
	Unseen rune // zero for a run
}

// Pieces cuts a text that is kept exactly, as a card key is, so that a page can show what cannot be seen.
func Pieces(s string) (out []Piece) {
	all := []rune(s)
	start := 0
	for i, r := range all {
		if Lines.fits(all, i) {
			continue
		}
		if start < i {
			out = append(out, Piece{Text: string(all[start:i])})
		}
		out = append(out, Piece{Text: string(r), Unseen: r})
		start = i + 1
	}
	if start < len(all) {
		out = append(out, Piece{Text: string(all[start:])})
	}
	return out
}

// Shown is somebody else's text, fit to be shown: what cannot be seen is left out, and nothing is refused. It is for
// what is kept as it came, as Alipay's words are.
func Shown(s string) string {
	if plain(s) {
		return s
	}
	all := []rune(strings.ToValidUTF8(s, "\ufffd"))
	var b strings.Builder
	for i, r := range all {
		if Lines.fits(all, i) {
			b.WriteRune(r)
		}
	}
	return Trim(b.String())
}
