package onboarding

import (
	"bytes"
	"encoding/binary"
)

const (
	markerSOF0      = 0xc0 // the frame: baseline
	markerSOF1      = 0xc1 // extended sequential
	markerSOF2      = 0xc2 // progressive
	markerSOS       = 0xda // the picture itself begins; EXIF stands before it
	markerAPP1      = 0xe1
	tagOrientation  = 0x0112
	tiffHeader      = 8
	ifdEntry        = 12
	exifPrefix      = "Exif\x00\x00"
	segmentsMax     = 64
	orientationLast = 8
)

// exifOf finds the TIFF block of a JPEG's EXIF segment.
func exifOf(content []byte) ([]byte, error) {
	at := 2 // after the start of the image
	for range segmentsMax {
		if at+4 > len(content) || content[at] != 0xff || content[at+1] == markerSOS {
			break
		}
		size := int(binary.BigEndian.Uint16(content[at+2:]))
		if size < 2 || at+2+size > len(content) {
			break
		}
		body := content[at+4 : at+2+size]
		if content[at+1] == markerAPP1 && bytes.HasPrefix(body, []byte(exifPrefix)) {
			return body[len(exifPrefix):], nil
		}
		at += 2 + size
	}
	return nil, errNoOrientation
}

// orientationOf reads the orientation from the first directory of a TIFF block.
func orientationOf(tiff []byte) (int, error) {
	if len(tiff) < tiffHeader {
		return 0, errNoOrientation
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < tiffHeader || at+2 > int64(len(tiff)) {
		return 0, errNoOrientation
	}
	entries := int64(order.Uint16(tiff[at:]))
	for i := range entries {
		e := at + 2 + i*ifdEntry
		if e+ifdEntry > int64(len(tiff)) {
			break
		}
		if order.Uint16(tiff[e:]) == tagOrientation {
			if n := int(order.Uint16(tiff[e+8:])); n >= 1 && n <= orientationLast {
				return n, nil
			}
			break
		}
	}
	return 0, errNoOrientation
}
