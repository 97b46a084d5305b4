// Command device signs a person in on a device without a browser (RFC 8628), by golang.org/x/oauth2. Its first line of
// output is what the person needs, its second what came of it, both in JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

var (
	issuer   = flag.String("issuer-url", "", "issuer to sign in at")
	clientID = flag.String("client-id", "", "a public client")
	scope    = flag.String("scope", "openid", "scopes to ask for, with spaces between them")
)

type outcome struct {
	AccessToken  string `json:"access_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Error        string `json:"error,omitempty"`
}

func main() {
	flag.Parse()
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, *issuer)
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{ClientID: *clientID, Endpoint: provider.Endpoint(), Scopes: strings.Fields(*scope)}
	out := json.NewEncoder(os.Stdout)
	started, err := config.DeviceAuth(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := out.Encode(started); err != nil {
		log.Fatal(err)
	}
	token, err := config.DeviceAccessToken(ctx, started)
	if err := out.Encode(outcomeOf(token, err)); err != nil {
		log.Fatal(err)
	}
}

func outcomeOf(token *oauth2.Token, err error) outcome {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return outcome{Error: refused.ErrorCode}
	}
	if err != nil {
		return outcome{Error: err.Error()}
	}
	idToken, _ := token.Extra("id_token").(string)
	return outcome{AccessToken: token.AccessToken, IDToken: idToken, RefreshToken: token.RefreshToken}
}
