// Package simulator is a stateful, strict simulator of Alipay's open-platform gateway, for people who build against
// Alipay without an account.
//
// Use it as an http.Handler: the gateway answers at /gateway.do exactly as the documented protocol says (version 1
// envelope, RSA2, form, query and multipart), buyers pay on pages under /cashier, and whoever plays Alipay's staff
// works at /desk or its JSON API under /desk/api (described by desk/desk.yaml). It promises: every request is verified
// with the application's registered key; every answer is signed over its exact bytes; every effect and the answer that
// reports it are one storage transaction, which survives kill -9; money is moved, never made.
//
// The packages below hold the parts, each with its own promise; this one starts them. The signing code is their own:
// they import nothing of the product but money and clock, so an error common to client and simulator cannot hide. Facts
// come from Alipay's public documentation; what could not be verified is a setting of the application (state.Settings)
// or of Config.
package simulator
