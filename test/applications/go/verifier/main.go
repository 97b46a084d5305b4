// Command verifier decides who a person is from an ID token alone, as the Kubernetes API server does: it reads the issuer's
// discovery document and keys, and never calls userinfo. Each line of its input is a token, each line of its output a
// verdict in JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Named as the flags of kube-apiserver are, without `oidc-`.
var (
	issuer        = flag.String("issuer-url", "", "issuer of the ID tokens")
	clientID      = flag.String("client-id", "", "the one audience that is accepted")
	usernameClaim = flag.String("username-claim", "sub", "claim that names the person")
	groupsClaim   = flag.String("groups-claim", "", "claim that lists the groups, a string or strings")
	groupsPrefix  = flag.String("groups-prefix", "", "put before each group")
	aheadHours    = flag.Int("ahead-hours", 0, "how far its clock is ahead")
)

type verdict struct {
	Username string   `json:"username,omitempty"`
	Groups   []string `json:"groups,omitempty"`
	Refused  string   `json:"refused,omitempty"`
}

func main() {
	flag.Parse()
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, *issuer)
	if err != nil {
		log.Fatal(err)
	}
	verifier := provider.VerifierContext(ctx, &oidc.Config{
		ClientID:             *clientID,
		SupportedSigningAlgs: []string{oidc.RS256}, // what the API server takes where nobody says otherwise
		Now:                  func() time.Time { return time.Now().Add(time.Duration(*aheadHours) * time.Hour) },
	})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := out.Encode(judge(ctx, verifier, lines.Text())); err != nil {
			log.Fatal(err)
		}
	}
}

func judge(ctx context.Context, verifier *oidc.IDTokenVerifier, raw string) verdict {
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return verdict{Refused: err.Error()}
	}
	var claims map[string]json.RawMessage
	if err := token.Claims(&claims); err != nil {
		return verdict{Refused: err.Error()}
	}
	var username string
	if err := json.Unmarshal(claims[*usernameClaim], &username); err != nil {
		return verdict{Refused: fmt.Sprintf("parse username claims %q: claim not present", *usernameClaim)}
	}
	// as in Kubernetes: an address that is not verified names nobody
	if verified, given := claims["email_verified"]; *usernameClaim == "email" && given && string(verified) != "true" {
		return verdict{Refused: "email not verified"}
	}
	groups, err := groupsOf(claims)
	if err != nil {
		return verdict{Refused: err.Error()}
	}
	return verdict{Username: username, Groups: groups}
}

// A claim that is absent means no groups.
func groupsOf(claims map[string]json.RawMessage) ([]string, error) {
	raw, given := claims[*groupsClaim]
	if !given {
		return nil, nil
	}
	var groups []string
	var one string
	if json.Unmarshal(raw, &one) == nil {
		groups = []string{one}
	} else if err := json.Unmarshal(raw, &groups); err != nil {
		return nil, fmt.Errorf("parse groups claim %q: %w", *groupsClaim, err)
	}
	for i := range groups {
		groups[i] = *groupsPrefix + groups[i]
	}
	return groups, nil
}
