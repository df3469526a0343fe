package text_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"zhitong/internal/text"
)

// TestGoodTextStays shows what is typed and kept: rare characters, points of minority names, emoji of every shape.
func TestGoodTextStays(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "x", "星河点券 100 元", "阿依努尔·买买提", "𠮷野家", "㐂", "\U00030000名", "\U0003347b", "\ue863",
		"（限时）", "a  b", "£20", "\ufffd",
		"葛\U000e0100城", "神\ufe00",
		"👨‍👩‍👧 卡", "❤️", "❤️‍🔥", "🏳️‍🌈", "👩🏽‍💻", "1️⃣ 号店", "#️⃣", "🇨🇳",
		"🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "©️", "‼️",
		"نام", "café",
	} {
		for _, c := range []text.Class{text.Line, text.Lines} {
			if got, err := c.Clean(s); err != nil || got != s {
				t.Errorf("%s %q: %q, %v", c, s, got, err)
			}
		}
		if got := text.Shown(s); got != s {
			t.Errorf("%q is shown as %q", s, got)
		}
	}
}

func TestEdgesAreCutAndFormsJoined(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" a ": "a", "\u3000点券\u00a0": "点券", "\ufeffa": "a", "a\r\n": "a", "\n\ta b\n": "a b", "cafe\u0301": "café",
		"\u212b": "Å", "\uf900": "豈",
	} {
		if got, err := text.Line.Clean(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	if got, err := text.Lines.Clean(" a\r\nb\tc\n\nd "); err != nil || got != "a\r\nb\tc\n\nd" {
		t.Errorf("lines: %q, %v", got, err)
	}
	if got, err := text.Exact.Clean(" \u202ea\n"); err != nil || got != " \u202ea\n" {
		t.Errorf("exact: %q, %v", got, err)
	}
}

// TestUnseenIsRefused goes through what looks like another text or like none, and tells which character it is.
func TestUnseenIsRefused(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]text.Error{
		" ": {Reason: text.Blank}, "\u3000\u00a0": {Reason: text.Blank}, "\ufeff": {Reason: text.Blank},
		"\u2800": {Reason: text.Blank}, "\u0301": {Reason: text.Blank},
		"a\xffb": {Reason: text.Broken}, "\xed\xa0\x80": {Reason: text.Broken},
		"a\u202eb":       {Reason: text.Unseen, At: 2, Rune: '\u202e'},
		" a\u2066b":      {Reason: text.Unseen, At: 3, Rune: '\u2066'},
		"\u200b":         {Reason: text.Unseen, At: 1, Rune: '\u200b'},
		"点\u200b券":       {Reason: text.Unseen, At: 2, Rune: '\u200b'},
		"a\u200db":       {Reason: text.Unseen, At: 2, Rune: '\u200d'},
		"👨\u200d":        {Reason: text.Unseen, At: 2, Rune: '\u200d'},
		"👨\u200d\u200d👩": {Reason: text.Unseen, At: 2, Rune: '\u200d'},
		"a\ufe0f":        {Reason: text.Unseen, At: 2, Rune: '\ufe0f'},
		"1\ufe0f":        {Reason: text.Unseen, At: 2, Rune: '\ufe0f'},
		"a\U000e0100":    {Reason: text.Unseen, At: 2, Rune: '\U000e0100'},
		"a\U000e0041":    {Reason: text.Unseen, At: 2, Rune: '\U000e0041'},
		"a\ufeffb":       {Reason: text.Unseen, At: 2, Rune: '\ufeff'},
		"a\u00adb":       {Reason: text.Unseen, At: 2, Rune: '\u00ad'},
		"a\u034fb":       {Reason: text.Unseen, At: 2, Rune: '\u034f'},
		"\u3164":         {Reason: text.Unseen, At: 1, Rune: '\u3164'},
		"\u115f":         {Reason: text.Unseen, At: 1, Rune: '\u115f'},
		"a\uffffb":       {Reason: text.Unseen, At: 2, Rune: '\uffff'},
		"\ufdd0":         {Reason: text.Unseen, At: 1, Rune: '\ufdd0'},
		"\U0001fffe":     {Reason: text.Unseen, At: 1, Rune: '\U0001fffe'},
		"a\u0007":        {Reason: text.Unseen, At: 2, Rune: '\a'},
		"a\x00b":         {Reason: text.Unseen, At: 2},
		"a\u0085b":       {Reason: text.Unseen, At: 2, Rune: '\u0085'},
		"a\u2028b":       {Reason: text.Unseen, At: 2, Rune: '\u2028'},
		"a\rb":           {Reason: text.Unseen, At: 2, Rune: '\r'},
		"\u061ca":        {Reason: text.Unseen, At: 1, Rune: '\u061c'},
		"a\u180eb":       {Reason: text.Unseen, At: 2, Rune: '\u180e'},
	} {
		for _, c := range []text.Class{text.Line, text.Lines} {
			got, err := c.Clean(s)
			e, ok := errors.AsType[*text.Error](err)
			if !ok || *e != want {
				t.Errorf("%s %q: %q, %v; want %+v", c, s, got, err, want)
			}
		}
	}
	for _, s := range []string{"a\nb", "a\tb", "a\r\nb"} {
		if got, err := text.Line.Clean(s); err == nil {
			t.Errorf("a line may be %q", got)
		}
	}
}

// TestCleanIsStable shows that what was cleaned is clean, so that a text which is read and sent back is the same.
func TestCleanIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once, err := text.Lines.Clean(rapid.String().Draw(t, "text"))
		if err != nil {
			return
		}
		if twice, err := text.Lines.Clean(once); err != nil || twice != once {
			t.Fatalf("%q becomes %q, %v", once, twice, err)
		}
		if shown := text.Shown(once); shown != once {
			t.Fatalf("%q is shown as %q", once, shown)
		}
	})
}

func TestShownLeavesOutWhatCannotBeSeen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\u202eb\u200b": "ab", "\ufeff审核\n不通过\x00": "审核\n不通过", "a\xffb": "a\ufffdb", "👨‍👩‍👧": "👨‍👩‍👧",
	} {
		if got := text.Shown(in); got != want {
			t.Errorf("%q is shown as %q", in, got)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"\ufeff a\u202e\r\ne\u0301\u200b\n": "a\u202e\r\ne\u0301\u200b", "x": "x"} {
		if got, err := text.Key.Clean(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, s := range []string{" ", "\u200b\u202e", "\xff"} {
		if got, err := text.Key.Clean(s); err == nil {
			t.Errorf("%q is a key: %q", s, got)
		}
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]text.Piece{
		"":              nil,
		"a\r\n👨\u200d👩": {{Text: "a\r\n👨\u200d👩"}},
		"\u202ea\u200b": {{Text: "\u202e", Unseen: '\u202e'}, {Text: "a"}, {Text: "\u200b", Unseen: '\u200b'}},
		"a\rb":          {{Text: "a"}, {Text: "\r", Unseen: '\r'}, {Text: "b"}},
	} {
		if got := text.Pieces(s); !slices.Equal(got, want) {
			t.Errorf("%q: %q", s, got)
		}
	}
}
