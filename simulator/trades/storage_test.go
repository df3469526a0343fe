package trades

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// BenchmarkStorage orders and pays b.N trades, one transaction each, and reports what a trade costs on disk and the
// process in memory: go test -run none -bench Storage -benchtime 1000000x. The target: a million trades without growing
// past 1 GB.
func BenchmarkStorage(b *testing.B) {
	dir := b.TempDir()
	s, err := state.Open(state.Config{Dir: dir}, Timers())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	m := &merchants.Merchant{PID: "2088600000000001", Name: "商户"}
	if err := s.Update(s.Now(), func(tx *state.Tx) error { return merchants.Create(tx, m) }); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		err := s.Update(s.Now(), func(tx *state.Tx) error {
			t := &Trade{AppID: "9021000100000001", PID: m.PID, Out: fmt.Sprintf("%08x%024x", uint32(i)*2654435761, i),
				Kind: kindPrecreate, Product: productFace, Total: 8880,
				Subject: "示例商品 月卡", SMID: m.SMID, SettleType: merchants.SettleDefault, Period: 7, Status: StatusAsked,
				Asked: protocol.Millis(tx.Now), CodeEnd: protocol.Millis(tx.Now.Add(time.Hour))}
			if err := addTrade(tx, t); err != nil {
				return err
			}
			if err := Begin(tx, t); err != nil {
				return err
			}
			return payTrade(tx, t, "2088000000000001", ChannelBalance)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	info, err := os.Stat(filepath.Join(dir, "simulator.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(b.N), "disk-B/trade")
	b.ReportMetric(float64(info.Size())/(1<<20), "disk-MB")
	b.ReportMetric(residentMB(b), "rss-MB")
}

// residentMB is the process's resident memory, the mapped file included.
func residentMB(b *testing.B) float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	for l := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return float64(kb) / 1024
		}
	}
	return 0
}
