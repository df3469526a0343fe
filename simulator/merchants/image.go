package merchants

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

const (
	bucketImages  = "images" // pid|image_id → storedImage
	maxImageBytes = 10 << 20 // documented: 10 MB
)

// StoredImage remembers an upload. The pixels are not kept: nothing ever reads them back.
type StoredImage struct {
	ID   string `json:"id"`
	PID  string `json:"pid"`
	Name string `json:"file_name"`
	Size int    `json:"size"`
	At   int64  `json:"at_ms"`
}

// ImageFields is the table of ant.merchant.expand.indirect.image.upload: a parameter of its own, not biz_content.
func ImageFields() []protocol.Field {
	return []protocol.Field{{Name: "image_type", Max: 16}}
}

// ImageKind names the format the bytes have, "" when it is none of the documented five.
func ImageKind(data []byte) string {
	for _, k := range []struct{ kind, magic string }{
		{"png", "\x89PNG\r\n\x1a\n"}, {"jpg", "\xff\xd8\xff"}, {"gif", "GIF87a"}, {"gif", "GIF89a"}, {"bmp", "BM"},
	} {
		if bytes.HasPrefix(data, []byte(k.magic)) {
			return k.kind
		}
	}
	return ""
}

// uploadImage is ant.merchant.expand.indirect.image.upload. Type, file name and content must agree; each upload makes a
// new id, good for this PID only.
func uploadImage(c *gateway.Call) (any, error) {
	kind := strings.ToLower(c.Biz.Str("image_type"))
	up, ok := c.Files["image_content"]
	switch {
	case kind == "" || !ok:
		return nil, protocol.Refuse("MERCHANT_ILLEGAL_ARGUMENT", "参数异常：image_type、image_content 不能为空")
	case !slices.Contains([]string{"bmp", "jpg", "jpeg", "png", "gif"}, kind):
		return nil, protocol.Refuse("INVALID_IMAGE_FORMAT", "不支持的图片格式")
	case len(up.Data) > maxImageBytes:
		return nil, protocol.Refuse("EXCEED_MAX_SIZE", "图片大小超过10M")
	case len(up.Data) == 0:
		return nil, protocol.Refuse("MERCHANT_ILLEGAL_ARGUMENT", "参数异常：图片内容为空")
	}
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(up.Name), "."))
	same := func(s string) string { return strings.Replace(s, "jpeg", "jpg", 1) }
	if same(ext) != same(kind) {
		return nil, protocol.Invalid("isv.invalid-file-extension", "文件扩展名无效")
	}
	if ImageKind(up.Data) != same(kind) {
		return nil, protocol.Refuse("INVALID_IMAGE_FORMAT", "图片内容与格式不符")
	}
	if bytes.Contains(up.Data, []byte("EICAR-STANDARD-ANTIVIRUS-TEST-FILE")) {
		return nil, protocol.Refuse("IMAGE_UNSAFE", "图片不安全")
	}
	img := StoredImage{ID: NewUUID() + "." + kind, PID: c.PID, Name: up.Name, Size: len(up.Data),
		At: protocol.Millis(c.Now)}
	if err := c.Update(func(tx *state.Tx) error {
		return state.Put(tx, bucketImages, c.PID+"|"+img.ID, img)
	}); err != nil {
		return nil, err
	}
	return struct {
		ID string `json:"image_id"`
	}{img.ID}, nil
}

// hasImage reports whether the PID uploaded this image.
func hasImage(t *state.Tx, pid, id string) (bool, error) {
	img, err := state.Get[StoredImage](t, bucketImages, pid+"|"+id)
	return img != nil, err
}

// NewUUID is a random version-4 UUID.
func NewUUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
