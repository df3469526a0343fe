package boot

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestWeakTokens: what is guessed first is refused, and what is made by chance is not.
func TestWeakTokens(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"aaaaaaaaaaaaaaaa", "abababababababab", "0123456789abcdef", "9876543210987654",
		"1234567890123456", "Password-Password", "correct horse battery staple", "operatoroperator", "zhitong!zhitong!",
		"CHANGEME-changeme", "Qwertyuiop-asdfgh", "abcdefghijklmnop"} {
		if weak(token) == "" {
			t.Errorf("%s is taken", token)
		}
	}
	for _, token := range []string{"operator-token-operator-token", "JXQK7MZ2VYB4HTRW5CPNAE3LDG", "k8Yp+3Zx/0qWm5Tn",
		"直通运营方的口令很长也不重复的那一种呀"} {
		if why := weak(token); why != "" {
			t.Errorf("%s %s", token, why)
		}
	}
}

// TestPlain: which addresses leave this machine without TLS.
func TestPlain(t *testing.T) {
	t.Parallel()
	for raw, plain := range map[string]bool{
		"http://pay.example.cn": true, "http://10.0.0.1:8080": true, "https://pay.example.cn": false,
		"http://127.0.0.1:8080": false, "http://localhost": false, "http://[::1]:8080": false,
		"http://localhost.example.cn": true,
	} {
		if plainHTTP(raw) != plain {
			t.Errorf("%s: plain is %v", raw, !plain)
		}
	}
	for raw, plain := range map[string]bool{
		"postgres://u:p@db.example.cn/z":                                  true, // prefer, unless it says otherwise
		"postgres://u:p@db.example.cn/z?sslmode=disable":                  true,
		"postgres://u:p@db.example.cn/z?sslmode=allow":                    true,
		"postgres://u:p@db.example.cn/z?sslmode=prefer":                   true,
		"postgres://u:p@db.example.cn/z?sslmode=require":                  false,
		"postgres://u:p@db.example.cn/z?sslmode=verify-full":              false,
		"postgres://u:p@127.0.0.1/z?sslmode=disable":                      false,
		"postgres://u:p@localhost/z":                                      false,
		"postgres:///z?host=/var/run/postgresql":                          false,
		"postgres://u:p@127.0.0.1:1,db.example.cn:2/z?sslmode=disable":    true,
		"host=db.example.cn user=u password=p dbname=z sslmode=disable":   true,
		"host=/var/run/postgresql user=u dbname=z":                        false,
		"postgres://u:p@[::1]/z?sslmode=disable":                          false,
		"postgres://u:p@192.168.1.5/z?sslmode=disable&application_name=x": true,
	} {
		c, err := pgx.ParseConfig(raw)
		if err != nil {
			t.Fatal(err)
		}
		if plainDatabase(&c.Config) != plain {
			t.Errorf("%s: plain is %v", raw, !plain)
		}
	}
}
