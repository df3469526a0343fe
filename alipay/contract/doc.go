// Package contract proves that the client (package alipay) and the gateway (package simulator) mean the same: one table
// per method, driven over HTTP, and a second, independent speaker of the protocol that shares no code with either. It
// holds tests only, and makes docs/alipay.md.
package contract
