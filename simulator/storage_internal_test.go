package simulator

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkStorage orders and pays b.N trades, one transaction each, and reports what a trade costs on disk and the process in memory:
// go test -run none -bench Storage -benchtime 1000000x. The target: a million trades without growing past 1 GB.
func BenchmarkStorage(b *testing.B) {
	dir := b.TempDir()
	s, err := New(Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	m := &Merchant{PID: "2088600000000001", Name: "商户"}
	if err := s.update(s.now(), func(tx *tx) error { return createMerchant(tx, m) }); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		err := s.update(s.now(), func(tx *tx) error {
			t := &Trade{AppID: "9021000100000001", PID: m.PID, Out: fmt.Sprintf("%08x%024x", uint32(i)*2654435761, i), Kind: kindPrecreate, Product: productFace, Total: 8880,
				Subject: "示例商品 月卡", SMID: m.SMID, SettleType: settleDefault, Period: 7, Status: statusAsked, Asked: ms(tx.now), CodeEnd: ms(tx.now.Add(time.Hour))}
			if err := addTrade(tx, t); err != nil {
				return err
			}
			if err := beginTrade(tx, t); err != nil {
				return err
			}
			return payTrade(tx, t, "2088000000000001", channelBalance)
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
