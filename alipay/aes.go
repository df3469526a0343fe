package alipay

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
)

// contentCipher is Alipay's content encryption (接口内容加密): AES-128-CBC with a zero IV and PKCS#7 padding, Base64 both
// ways. gopay's SetAESKey does not work, so this is ours. The IV is Alipay's choice; confidentiality rests on TLS,
// integrity on the RSA2 signature over the ciphertext.
type contentCipher struct{ block cipher.Block }

func newContentCipher(key string) (*contentCipher, error) {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != 16 {
		return nil, badPart(PartContentKey, "it is not the Base64 of 16 bytes")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, badPart(PartContentKey, "%w", err)
	}
	return &contentCipher{block}, nil
}

func (c *contentCipher) encrypt(plain []byte) string {
	size := c.block.BlockSize()
	pad := size - len(plain)%size
	padded := make([]byte, len(plain)+pad)
	copy(padded, plain)
	for i := len(plain); i < len(padded); i++ {
		padded[i] = byte(pad)
	}
	cipher.NewCBCEncrypter(c.block, make([]byte, size)).CryptBlocks(padded, padded)
	return base64.StdEncoding.EncodeToString(padded)
}

func (c *contentCipher) decrypt(text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	size := c.block.BlockSize()
	if err != nil || len(raw) == 0 || len(raw)%size != 0 {
		return nil, errors.New("content is not AES blocks in Base64")
	}
	cipher.NewCBCDecrypter(c.block, make([]byte, size)).CryptBlocks(raw, raw)
	pad := int(raw[len(raw)-1])
	if pad == 0 || pad > size {
		return nil, errors.New("content has no valid padding")
	}
	for _, b := range raw[len(raw)-pad:] {
		if int(b) != pad {
			return nil, errors.New("content has no valid padding")
		}
	}
	return raw[:len(raw)-pad], nil
}
