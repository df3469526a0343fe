// Package result keeps what was measured: figures with their spread, the goals they are held to, the table that is
// printed and the JSON that the report is made from.
package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"
)

// Figure is a measured value: the median of its runs.
type Figure struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit,omitempty"`
	Median float64   `json:"median"`
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Runs   []float64 `json:"runs"`
	// Goal is what the median must reach: at least (or at most, when AtMost) this. Zero: no goal.
	Goal   float64 `json:"goal,omitempty"`
	AtMost bool    `json:"at_most,omitempty"`
	Note   string  `json:"note,omitempty"`
}

// Met tells whether the goal is reached.
func (f Figure) Met() bool {
	if f.Goal == 0 {
		return true
	}
	if f.AtMost {
		return f.Median <= f.Goal
	}
	return f.Median >= f.Goal
}

// Of makes a figure of its runs.
func Of(name, unit string, runs ...float64) Figure {
	f := Figure{Name: name, Unit: unit, Runs: runs}
	if len(runs) == 0 {
		return f
	}
	s := slices.Sorted(slices.Values(runs))
	f.Min, f.Max, f.Median = s[0], s[len(s)-1], s[len(s)/2]
	if len(s)%2 == 0 {
		f.Median = (s[len(s)/2-1] + s[len(s)/2]) / 2
	}
	return f
}

// Ratio makes a figure of a/b, run by run: what was measured in turn is compared in turn.
func Ratio(name string, a, b []float64) Figure {
	var runs []float64
	for i := range min(len(a), len(b)) {
		runs = append(runs, a[i]/b[i])
	}
	return Of(name, "×", runs...)
}

// AtLeast and Below give a figure a goal.
func (f Figure) AtLeast(goal float64) Figure { f.Goal = goal; return f }

// Below is AtLeast for figures that should be small.
func (f Figure) Below(goal float64) Figure { f.Goal, f.AtMost = goal, true; return f }

// With adds a note.
func (f Figure) With(note string) Figure { f.Note = note; return f }

// Part is what one part of the bench measured.
type Part struct {
	Name    string    `json:"name"`
	Title   string    `json:"title"`
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"`
	Machine string    `json:"machine"`
	Figures []Figure  `json:"figures"`
	Text    string    `json:"text,omitempty"` // shown as it is
}

// Add appends figures.
func (p *Part) Add(f ...Figure) { p.Figures = append(p.Figures, f...) }

// Print writes the table.
func (p *Part) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(t, "\n%s\tmedian\tspread\tgoal\t\n", p.Title)
	for _, f := range p.Figures {
		fmt.Fprintf(t, "  %s\t%s %s\t%s\t%s\t%s\n", f.Name, Number(f.Median), f.Unit, f.Spread(), f.GoalText(), f.Note)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprint(w, p.Text)
	return err
}

// GoalText says what the goal is and whether it is met.
func (f Figure) GoalText() string {
	if f.Goal == 0 {
		return ""
	}
	sign, met := "≥", "met"
	if f.AtMost {
		sign = "≤"
	}
	if !f.Met() {
		met = "MISSED"
	}
	return fmt.Sprintf("%s %s %s", sign, Number(f.Goal), met)
}

// Spread is the least and the most.
func (f Figure) Spread() string {
	if len(f.Runs) < 2 {
		return ""
	}
	return Number(f.Min) + " … " + Number(f.Max)
}

// Number writes a value with as many digits as mean something.
func Number(v float64) string {
	switch {
	case v == float64(int64(v)) && v < 1e7:
		return fmt.Sprintf("%d", int64(v))
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// Write stores the part as JSON.
func (p *Part) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, p.Name+".json"), append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

// Read gives the stored parts by name.
func Read(dir string) (map[string]Part, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	out := map[string]Part{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		var p Part
		if err := json.Unmarshal(raw, &p); err != nil {
			return nil, fmt.Errorf("read %s: %w", f, err)
		}
		out[p.Name] = p
	}
	if len(out) == 0 {
		return nil, errors.New("nothing was measured yet: make bench")
	}
	return out, nil
}
