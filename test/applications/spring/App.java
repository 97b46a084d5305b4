package edu.example;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web application without a line about signing in: Spring has all of that from application.yaml. It says whom it knows. */
@SpringBootApplication
@RestController
public class App {
  @GetMapping("/")
  Map<String, Object> who(@AuthenticationPrincipal OidcUser person) {
    return Map.of("name", person.getName(), "claims", person.getClaims());
  }

  public static void main(String[] arguments) {
    SpringApplication.run(App.class, arguments);
  }
}
