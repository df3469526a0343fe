// Package secret keeps secrets secret: a string type that prints as [redacted], and the sealing of values at rest.
package secret

import "log/slog"

const redacted = "[redacted]"

// String is a secret text. Printing, logging or marshalling it gives "[redacted]"; Reveal is the only way to its value.
type String struct{ value string }

// New wraps a secret.
func New(value string) String { return String{value} }

// Reveal gives the secret itself. Call it where the secret is used and nowhere else.
func (s String) Reveal() string { return s.value }

// IsZero tells whether the secret is empty.
func (s String) IsZero() bool { return s.value == "" }

// String implements fmt.Stringer.
func (String) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (String) GoString() string { return redacted }

// MarshalText implements encoding.TextMarshaler.
func (String) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText implements encoding.TextUnmarshaler, so that a secret can be read from the environment or from JSON.
func (s *String) UnmarshalText(b []byte) error {
	s.value = string(b)
	return nil
}

// LogValue implements slog.LogValuer.
func (String) LogValue() slog.Value { return slog.StringValue(redacted) }
