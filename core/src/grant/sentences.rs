//! Classifies error descriptions in English, for responses without a known error code.
//!
//! In doubt it decides nothing: a false match costs a sign-in, a missed one costs a request now and
//! then.

/// What a sentence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The refresh token, which will not be accepted again.
    DeadToken,
    /// A token or a session that has ended. If a token server did not write it, it may be another.
    DeadSession,
    /// The same request may be sent again.
    TryAgain,
    /// Something else is at fault: the client, a key, a missing parameter.
    SomethingElse,
    /// Nothing known.
    Nothing,
}

/// How many words are read.
const MOST_WORDS: usize = 96;

pub(super) fn about(sentence: &str) -> About {
    let words = words(sentence);
    let text = format!(" {} ", words.join(" "));
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    if has(&TRY_AGAIN) {
        return About::TryAgain;
    }
    if has(&OTHERS) {
        return About::SomethingElse;
    }
    if SENTENCES.contains(&text.trim()) {
        return About::DeadToken;
    }
    let refresh_tokens = subjects(&words, |words, at| words[at] == "refreshtoken");
    let tokens = subjects(&words, |words, at| {
        let before = at
            .checked_sub(1)
            .map_or("", |before| words[before].as_str());
        ["token", "jwt"].contains(&words[at].as_str()) && !OTHER_TOKENS.contains(&before)
    });
    let vetoed = has(&NOT_SENT);
    let dead = |subjects: &[usize]| {
        let strongly = subjects.iter().any(|at| ends(&words, *at));
        strongly || !vetoed && subjects.iter().any(|at| is_said_of(&words, *at))
    };
    if dead(&refresh_tokens) {
        About::DeadToken
    } else if has(&SIGN_IN) || dead(&tokens) {
        About::DeadSession
    } else if vetoed {
        About::SomethingElse
    } else {
        About::Nothing
    }
}

/// The words in lower case, without URLs and paths. "refresh token" becomes one word.
fn words(sentence: &str) -> Vec<String> {
    let sentence = sentence.replace('+', " ");
    let plain = sentence
        .split_whitespace()
        .filter(|word| !word.contains('/'));
    let mut words: Vec<String> = Vec::new();
    for word in plain.take(MOST_WORDS) {
        let mut before = ' ';
        let mut part = String::new();
        for char in word.chars().chain([' ']) {
            let begins = !char.is_alphanumeric() || (char.is_uppercase() && before.is_lowercase());
            if begins && !part.is_empty() {
                words.push(std::mem::take(&mut part));
            }
            if char.is_alphanumeric() {
                part.extend(char.to_lowercase());
            }
            before = char;
        }
    }
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        match joined.last_mut() {
            Some(last) if last == "refresh" && word == "token" => last.push_str("token"),
            Some(_) | None => joined.push(word),
        }
    }
    joined
}

/// The positions of the subject, unless it is part of a longer name such as "token endpoint".
fn subjects(words: &[String], is: impl Fn(&[String], usize) -> bool) -> Vec<usize> {
    let names_more = |at: usize| {
        let next = words.get(at + 1).map_or("", String::as_str);
        NOUNS.contains(&next)
    };
    (0..words.len())
        .filter(|at| is(words, *at) && !names_more(*at))
        .collect()
}

/// Whether a word of `STRONG` is within four words of the subject.
fn ends(words: &[String], at: usize) -> bool {
    let near = at.saturating_sub(4)..words.len().min(at + 5);
    near.into_iter().any(|at| {
        let before = at
            .checked_sub(1)
            .map_or("", |before| words[before].as_str());
        match words[at].as_str() {
            "used" => ["already", "been", "was"].contains(&before),
            "longer" => before == "no",
            word => STRONG.contains(&word),
        }
    })
}

/// Whether a word of `WEAK` describes the subject: "invalid refresh token", "the refresh token
/// provided is not valid".
fn is_said_of(words: &[String], at: usize) -> bool {
    let before = &words[at.saturating_sub(2)..at];
    if before.iter().any(|word| WEAK.contains(&word.as_str())) {
        return true;
    }
    let after = &words[at + 1..words.len().min(at + 7)];
    let end = after
        .iter()
        .position(|word| !BETWEEN.contains(&word.as_str()));
    let Some(end) = end else {
        return false;
    };
    let rest = after[end..].join(" ");
    WEAK.iter().chain(&PREDICATES).any(|weak| {
        let said = rest.strip_prefix(weak);
        said.is_some_and(|more| more.is_empty() || more.starts_with(' '))
    })
}

/// Whole sentences for a dead refresh token, from X, Metabase and Shopify.
const SENTENCES: [&str; 3] = [
    "value passed for the token was invalid",
    "the token request is invalid",
    "this request requires an active refreshtoken",
];

/// Words that leave no doubt that a token is dead.
const STRONG: [&str; 14] = [
    "expired",
    "revoked",
    "reused",
    "reuse",
    "rotated",
    "superseded",
    "blacklisted",
    "blocklisted",
    "invalidated",
    "consumed",
    "terminated",
    "replaced",
    "blacklist",
    "deactivated",
];

const WEAK: [&str; 12] = [
    "invalid",
    "unknown",
    "bad",
    "malformed",
    "wrong",
    "incorrect",
    "unrecognized",
    "unrecognised",
    "inactive",
    "rejected",
    "mismatch",
    "such",
];

/// Phrases that describe the subject after a verb.
const PREDICATES: [&str; 13] = [
    "not found",
    "not valid",
    "not recognized",
    "not recognised",
    "not active",
    "not exist",
    "t exist",
    "not match",
    "not in database",
    "not in the database",
    "not belong",
    "verification failed",
    "signature verification failed",
];

/// Words that may stand between the subject and its predicate.
const BETWEEN: [&str; 18] = [
    "is", "was", "has", "been", "be", "could", "does", "did", "doesn", "isn", "provided", "passed",
    "given", "in", "request", "supplied", "you", "the",
];

/// After "token" these make it another thing.
const NOUNS: [&str; 16] = [
    "request",
    "requests",
    "endpoint",
    "endpoints",
    "url",
    "uri",
    "type",
    "hint",
    "grant",
    "server",
    "route",
    "path",
    "service",
    "exchange",
    "lifetime",
    "response",
];

/// Before "token" these make it another token.
const OTHER_TOKENS: [&str; 18] = [
    "access",
    "id",
    "api",
    "csrf",
    "xsrf",
    "captcha",
    "recaptcha",
    "check",
    "security",
    "device",
    "client",
    "authenticity",
    "unexpected",
    "bearer",
    "verification",
    "registration",
    "refreshing",
    "this",
];

/// Phrases for a missing parameter: the refresh token itself is not at fault.
const NOT_SENT: [&str; 9] = [
    " missing ",
    " required ",
    " not provided ",
    " must be ",
    " must provide ",
    " is empty ",
    " grant type ",
    " not allowed ",
    " client ",
];

/// Words of sentences about something else.
const OTHERS: [&str; 30] = [
    " field ",
    " fields ",
    " property ",
    " properties ",
    " parameter ",
    " parameters ",
    " payload ",
    " json ",
    " schema ",
    " should not exist ",
    " expected ",
    " unexpected ",
    " deserialize ",
    " captcha ",
    " csrf ",
    " xsrf ",
    " authenticity ",
    " api key ",
    " apikey ",
    " subscription ",
    " client id ",
    " client secret ",
    " client authentication ",
    " nonce ",
    " vpn ",
    " proxy ",
    " gateway ",
    " ip ",
    " content type ",
    " rate limited ",
];

const TRY_AGAIN: [&str; 5] = [
    " please retry ",
    " retry the request ",
    " try again later ",
    " temporarily unavailable ",
    " too many requests ",
];

/// Phrases that ask the user to sign in, or say that the user's session has ended.
const SIGN_IN: [&str; 16] = [
    " log in again ",
    " login again ",
    " sign in again ",
    " logging in again ",
    " signing in again ",
    " authenticate again ",
    " reauthenticate ",
    " re authenticate ",
    " reauthorize ",
    " re authorize ",
    " session expired ",
    " session has expired ",
    " session not found ",
    " session terminated ",
    " session has ended ",
    " session has been invalidated ",
];

#[cfg(test)]
mod tests;
