package boot_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zhitong/cmd/zhitong/boot"
	"zhitong/internal/secret"
)

// good is a complete environment with a fresh keyset.
func good(t *testing.T) map[string]string {
	t.Helper()
	keyset, err := secret.GenerateMaster()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"ZHITONG_DATABASE_URL":       "postgres://zhitong_app:hunter2hunter2@127.0.0.1:5432/zhitong",
		"ZHITONG_DATABASE_OWNER_URL": "postgres://zhitong_owner:hunter3hunter3@127.0.0.1:5432/zhitong",
		"ZHITONG_MASTER_KEYSET":      keyset.Reveal(),
		"ZHITONG_PUBLIC_URL":         "https://pay.example.cn/",
		"ZHITONG_SANDBOX_URL":        "http://127.0.0.1:8081",
		"ZHITONG_OPERATOR_TOKEN":     "operator-token-operator-token",
		"ZHITONG_TRUSTED_PROXIES":    "10.0.0.0/8,192.168.0.0/16",
	}
}

func with(env map[string]string, name, value string) map[string]string {
	env["ZHITONG_"+name] = value
	return env
}

func TestLoadAndValidate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, variable, value string
		want                  string // part of the error; "": none
	}{
		{"complete", "LOG_LEVEL", "debug", ""},
		{"no database", "DATABASE_URL", "", "ZHITONG_DATABASE_URL: is missing"},
		{"foreign database", "DATABASE_URL", "mysql://root@localhost/x", "ZHITONG_DATABASE_URL: is not an address"},
		{"connections", "DATABASE_MAX_CONNS", "0", "ZHITONG_DATABASE_MAX_CONNS"},
		{"no public address", "PUBLIC_URL", "", "ZHITONG_PUBLIC_URL: is missing"},
		{"public address without a scheme", "PUBLIC_URL", "pay.example.cn", "ZHITONG_PUBLIC_URL: is not"},
		{"listen", "LISTEN", "8080", "ZHITONG_LISTEN"},
		{"listen on no port", "LISTEN", ":65536", "ZHITONG_LISTEN"},
		{"an address with no port", "PUBLIC_URL", "https://pay.example.cn:65536", "ZHITONG_PUBLIC_URL"},
		{"ops listen", "OPS_LISTEN", "9090", "ZHITONG_OPS_LISTEN"},
		{"weak operator token", "OPERATOR_TOKEN", "aaaaaaaaaaaaaaaa", "ZHITONG_OPERATOR_TOKEN: has too few"},
		{"http", "PUBLIC_URL", "http://pay.example.cn", "set ZHITONG_PUBLIC_URL_ALLOW_HTTP=true"},
		{"http on this machine", "PUBLIC_URL", "http://127.0.0.1:8080", ""},
		{"database without TLS", "DATABASE_URL", "postgres://u:p@db.example.cn/z",
			"set ZHITONG_DATABASE_ALLOW_PLAIN=true"},
		{"owner without TLS", "DATABASE_OWNER_URL", "postgres://u:p@db.example.cn/z?sslmode=disable",
			"ZHITONG_DATABASE_OWNER_URL: may connect"},
		{"database with TLS", "DATABASE_URL", "postgres://u:p@db.example.cn/z?sslmode=require", ""},
		{"short operator token", "OPERATOR_TOKEN", "secret", "ZHITONG_OPERATOR_TOKEN: at least"},
		{"shutdown", "SHUTDOWN_TIMEOUT", "0s", "ZHITONG_SHUTDOWN_TIMEOUT"},
		{"garbage", "GC_PERCENT", "0", "ZHITONG_GC_PERCENT"},
		{"log format", "LOG_FORMAT", "xml", "ZHITONG_LOG_FORMAT"},
		{"log level", "LOG_LEVEL", "loud", "LOG_LEVEL"},
		{"proxies", "TRUSTED_PROXIES", "everyone", "TRUSTED_PROXIES"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := boot.Load(with(good(t), tc.variable, tc.value))
			if err == nil {
				err = c.Validate(boot.NeedAll | boot.NeedOwner)
			}
			if tc.want == "" && err != nil {
				t.Fatalf("refused: %v", err)
			}
			if tc.want != "" && (err == nil ||
				!strings.Contains(strings.ReplaceAll(err.Error(), `"`, ""), tc.want) &&
					!strings.Contains(err.Error(), field(tc.variable))) {
				t.Fatalf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// field is the struct field of a variable, by which the parser names it.
func field(variable string) string {
	parts := strings.Split(strings.ToLower(variable), "_")
	for i, p := range parts {
		parts[i] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, "")
}

// TestPlainNeedsAWord: what is refused above is taken when its setting says so.
func TestPlainNeedsAWord(t *testing.T) {
	t.Parallel()
	env := with(with(good(t), "PUBLIC_URL", "http://pay.example.cn"), "PUBLIC_URL_ALLOW_HTTP", "true")
	env = with(with(env, "DATABASE_URL", "postgres://u:p@db.example.cn/z"), "DATABASE_ALLOW_PLAIN", "true")
	c, err := boot.Load(env)
	if err == nil {
		err = c.Validate(boot.NeedAll)
	}
	if err != nil {
		t.Error(err)
	}
}

func TestValidateReportsEverything(t *testing.T) {
	t.Parallel()
	c, err := boot.Load(map[string]string{"ZHITONG_LOG_FORMAT": "xml"})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Validate(boot.NeedAll)
	for _, want := range []string{"DATABASE_URL", "MASTER_KEYSET", "PUBLIC_URL", "LOG_FORMAT"} {
		if err == nil || !strings.Contains(err.Error(), "ZHITONG_"+want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

// TestAttack is promise A01: a program with an empty, short or foreign master keyset refuses to start. The control is
// TestLoadAndValidate/complete.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A01 empty or short signing key", attackA01)
}

func attackA01(t *testing.T) {
	t.Parallel()
	for name, keyset := range map[string]string{"empty": "", "blank": "  ", "short": "c2hvcnQ=",
		"a password": "correct horse battery staple", "zeros": strings.Repeat("A", 88)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := boot.Load(with(good(t), "MASTER_KEYSET", keyset))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Validate(boot.NeedAll); err == nil || !strings.Contains(err.Error(), "ZHITONG_MASTER_KEYSET") {
				t.Fatalf("validated with %v", err)
			} else if v := strings.TrimSpace(keyset); v != "" && strings.Contains(err.Error(), v) {
				t.Fatalf("the error shows the keyset: %v", err)
			}
			if _, err := boot.Build(t.Context(), c, boot.Options{}); err == nil {
				t.Fatal("a program was built")
			}
		})
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	env := good(t)
	want := env["ZHITONG_MASTER_KEYSET"]
	path := filepath.Join(t.TempDir(), "keyset")
	if err := os.WriteFile(path, []byte(want+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env["ZHITONG_MASTER_KEYSET_FILE"] = path
	if _, err := boot.Load(env); err == nil || !strings.Contains(err.Error(), "both") {
		t.Fatalf("variable and file together: %v", err)
	}
	delete(env, "ZHITONG_MASTER_KEYSET")
	c, err := boot.Load(env)
	if err != nil {
		t.Fatal(err)
	}
	if c.MasterKeyset.Reveal() != want {
		t.Error("the file's content is not the keyset")
	}
	env["ZHITONG_MASTER_KEYSET_FILE"] = path + ".missing"
	if _, err := boot.Load(env); err == nil || !strings.Contains(err.Error(), "ZHITONG_MASTER_KEYSET_FILE") {
		t.Errorf("missing file: %v", err)
	}
}

func TestPrintingRedacts(t *testing.T) {
	t.Parallel()
	env := good(t)
	c, err := boot.Load(env)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), string(asJSON)} {
		for _, s := range []string{env["ZHITONG_MASTER_KEYSET"], "hunter2", "hunter3", env["ZHITONG_OPERATOR_TOKEN"]} {
			if strings.Contains(text, s) {
				t.Errorf("a secret is printed: %s", text)
			}
		}
	}
	// A parser must not quote a secret it could not read either.
	if _, err := boot.Load(with(env, "TRUSTED_PROXIES", "s3cr3t-in-the-wrong-place")); err == nil ||
		strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("the error quotes the value: %v", err)
	}
}
