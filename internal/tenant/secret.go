package tenant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
)

// A key's secret is "alm_", 34 random characters of base62 and 6 of checksum:
// the CRC-32 (IEEE) of the 34 in base62, so that a typo is told from an unknown
// key without the store, and scanners can find leaked ones.
const (
	secretPrefix   = "alm_"
	randomLength   = 34
	checksumLength = 6
	base62         = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewSecret draws the secret of a new key. It is shown once and never kept.
func NewSecret() string {
	random := make([]byte, randomLength)
	for i := range random {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(base62))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		random[i] = base62[n.Int64()]
	}
	return secretPrefix + string(random) + checksum(string(random))
}

func checksum(random string) string {
	digits := make([]byte, checksumLength)
	sum := crc32.ChecksumIEEE([]byte(random))
	for i := range digits {
		digits[checksumLength-1-i] = base62[sum%62]
		sum /= 62
	}
	return string(digits)
}

// wellFormed tells whether a secret can be one of ours.
func wellFormed(secret string) bool {
	rest, ok := strings.CutPrefix(secret, secretPrefix)
	return ok && len(rest) == randomLength+checksumLength &&
		strings.Trim(rest, base62) == "" &&
		checksum(rest[:randomLength]) == rest[randomLength:]
}

// hashOf is all that is kept of a secret.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
