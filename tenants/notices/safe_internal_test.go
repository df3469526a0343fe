package notices

import (
	"strings"
	"testing"

	"zhitong/internal/vocabulary"
)

// TestSafe: what others said is kept on one line, short, and without what opens the robot.
func TestSafe(t *testing.T) {
	t.Parallel()
	got := safe("no such robot tok123,\r\nsign SECabc "+strings.Repeat("长", 500), "tok123", "SECabc", "")
	if strings.Contains(got, "tok123") || strings.Contains(got, "SECabc") || strings.ContainsAny(got, "\r\n") ||
		len([]rune(got)) > errorMax {
		t.Errorf("%q", got)
	}
	if token("https://oapi.dingtalk.com/robot/send?access_token=a1") != "a1" ||
		token("https://open.feishu.cn/open-apis/bot/v2/hook/b2") != "b2" {
		t.Error("the names of robots")
	}
}

// TestJudge: the codes of robots, which come with HTTP 200.
func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel vocabulary.NoticeChannel
		status  int
		body    string
		want    verdict
	}{
		{"wecom", 200, `{"errcode":0,"errmsg":"ok"}`, taken},
		{"wecom", 200, `{"errcode":45009,"errmsg":"api freq out of limit"}`, limited},
		{"wecom", 200, `{"errcode":45002,"errmsg":"too long"}`, unfit},
		{"wecom", 200, `{"errcode":93000,"errmsg":"invalid webhook url"}`, toMend},
		{"wecom", 200, `{"code":0}`, later}, // Feishu's yes is none of WeCom's
		{"wecom", 200, `ok`, later},
		{"wecom", 200, ``, later},
		{"wecom", 500, `{"errcode":0}`, later},
		{"wecom", 302, `{"errcode":0}`, later},
		{"wecom", 429, ``, limited},
		{"dingtalk", 200, `{"errcode":130101,"errmsg":"send too fast"}`, limited},
		{"dingtalk", 200, `{"errcode":410100,"errmsg":"too fast"}`, limited},
		{"dingtalk", 200, `{"errcode":310000,"errmsg":"keywords not in content"}`, toMend},
		{"dingtalk", 200, `{"errcode":430101,"errmsg":"unsafe link"}`, unfit},
		{"dingtalk", 200, `{"errcode":-1,"errmsg":"busy"}`, later},
		{"feishu", 200, `{"code":0,"msg":"success","StatusCode":0}`, taken},
		{"feishu", 200, `{"StatusCode":0}`, later},
		{"feishu", 200, `{"code":11232,"msg":"frequency limited"}`, limited},
		{"feishu", 429, `{"code":99991400,"msg":"request trigger frequency limit"}`, limited},
		{"feishu", 400, `{"code":9499,"msg":"Bad Request"}`, unfit},
		{"feishu", 200, `{"code":19021,"msg":"sign match fail"}`, toMend},
		{"feishu", 200, `{"code":77777,"msg":"new"}`, later},
	} {
		if got := judge(c.channel, c.status, []byte(c.body)); got.verdict != c.want {
			t.Errorf("%s %d %s: %d, want %d", c.channel, c.status, c.body, got.verdict, c.want)
		}
	}
}

// TestSignatures: the vectors are reckoned apart, with openssl dgst -sha256 -hmac.
func TestSignatures(t *testing.T) {
	t.Parallel()
	if got := hash([]byte("SECabc"), "1700000000000\nSECabc"); got != dingtalkVector {
		t.Errorf("DingTalk: %s", got)
	}
	if got := hash([]byte("1700000000\nabc"), ""); got != feishuVector {
		t.Errorf("Feishu: %s", got)
	}
}

const (
	dingtalkVector = "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM="
	feishuVector   = "VIS10b0EBvzzSdFnuk4tznEmK5wHaruvf/WnViv2yR4="
)
