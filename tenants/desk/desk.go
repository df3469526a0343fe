// Package desk does in a sandbox what others do in earnest: it pays as a buyer, decides as Alipay's reviewers and lets
// a refund fail, by the simulator's desk. Whose application that is, is read from the tenant's own connection and from
// nothing that a caller sends, so that nobody touches what another tenant has at the simulator.
package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/audit"
)

var q = dbsqlc.New()

// MoveMax is how far the clock is moved at a time.
const MoveMax = 400 * 24 * time.Hour

// Codes of this package.
const (
	CodeSandboxOnly      fault.Code = "sandbox_only"
	CodeSimulatorRefused fault.Code = "simulator_refused"
	CodeClockShared      fault.Code = "sandbox_clock_shared"
)

// Faults are the codes this package returns.
func Faults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeSandboxOnly, Status: http.StatusConflict, Title: "Only in a sandbox on the simulator",
			TitleZh: "仅限以模拟器为网关的沙箱",
			Meaning: "The platform is live, or is connected to another gateway than this installation's simulator. " +
				"What buyers and Alipay do there is not ours to do.",
			MeaningZh: "该平台是正式平台，或连接的不是本系统的模拟器，无法代替买家或支付宝操作。"},
		{Code: CodeSimulatorRefused, Status: http.StatusConflict, Title: "The simulator refused", TitleZh: "模拟器拒绝",
			Meaning: "What was asked for does not go with how things stand at the simulator, as when an order is " +
				"paid twice. `detail` has the simulator's words.",
			MeaningZh: "所请求的操作与模拟器中的当前状态不符，例如重复付款。`detail` 为模拟器的说明。"},
		{Code: CodeClockShared, Status: http.StatusConflict, Title: "The clock is others', too",
			TitleZh: "时钟由多方共用",
			Meaning: "The simulator has one clock for all platforms of this installation. It is moved where " +
				"`zhitong dev` runs everything on one machine, and nowhere else.",
			MeaningZh: "模拟器的时钟由本系统的所有平台共用，只有在单机运行的 `zhitong dev` 中才能调整。"},
	}
}

// Config is what a Service needs.
type Config struct {
	DB   *db.DB
	Desk *zft.Desk // of the simulator
	// GatewayURL is the simulator's gateway, as connections name it.
	GatewayURL string
	Clock      clock.Clock
	// MovesClock: the simulator's clock is this program's alone, and may be moved.
	MovesClock bool
}

// Service carries what is done at the desk.
type Service struct{ c Config }

// New makes a Service.
func New(c Config) *Service { return &Service{c} }

// State is what a sandbox can do here.
type State struct {
	Simulator  bool      // the platform is a sandbox on the simulator
	MovesClock bool      // its clock can be moved
	Now        time.Time // by which orders expire and settlements are due
}

// Get tells what the platform can do at the desk.
func (s *Service) Get(ctx context.Context, a tenants.Actor) (v State, err error) {
	err = a.In(ctx, s.c.DB, func(ctx context.Context, tx db.TenantTx) error {
		_, err := s.app(ctx, tx)
		return err
	})
	if fault.CodeOf(err) == CodeSandboxOnly {
		return State{Now: s.c.Clock.Now()}, nil
	}
	return State{Simulator: true, MovesClock: s.c.MovesClock, Now: s.c.Clock.Now()}, err
}

// MoveClock moves the clock of the simulator ahead, and this program's with it. It returns sandbox_only,
// sandbox_clock_shared and sandbox_unavailable.
func (s *Service) MoveClock(ctx context.Context, a tenants.Actor, by time.Duration) (State, error) {
	err := a.In(ctx, s.c.DB, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := s.app(ctx, tx); err != nil {
			return err
		}
		if !s.c.MovesClock {
			return fault.New(CodeClockShared, "The simulator's clock is that of other platforms, too.")
		}
		return audit.Record(ctx, tx, audit.Actor(a), "moveSandboxClock", "tenant", a.Tenant, by.String())
	})
	if err != nil {
		return State{}, err
	}
	if _, err := s.c.Desk.MoveClock(ctx, by); err != nil {
		return State{}, told(err)
	}
	return State{Simulator: true, MovesClock: true, Now: s.c.Clock.Now()}, nil
}

// app is the tenant's application at the simulator. Atomic. It returns sandbox_only.
func (s *Service) app(ctx context.Context, tx db.TenantTx) (string, error) {
	c, err := q.SandboxConnection(ctx, tx)
	if err != nil {
		return "", fmt.Errorf("read the connection of the sandbox: %w", err)
	}
	if c.Mode != vocabulary.ModeSandbox || c.AppID == "" || c.GatewayURL != s.c.GatewayURL {
		return "", fault.New(CodeSandboxOnly, "This is no sandbox on the simulator.")
	}
	return c.AppID, nil
}

// told is an error of the desk for whoever asked.
func told(err error) error {
	if refusal, ok := errors.AsType[*zft.DeskRefusal](err); ok {
		return fault.New(CodeSimulatorRefused, "The simulator refused this: %s.",
			strings.TrimRight(refusal.Message, ".。")).Because(err)
	}
	return fault.New(tenants.CodeSandboxUnavailable, "The simulator did not answer. Repeat the request in a moment.").
		Because(err)
}
