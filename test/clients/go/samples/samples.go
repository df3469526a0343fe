// Package samples names what the samples of docs/simulator.md import and no walk does, so that go.mod keeps it.
package samples

import _ "github.com/go-pay/gopay/alipay"
