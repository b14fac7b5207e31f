use super::*;

#[test]
fn a_target_cannot_forge_a_line() {
    assert_eq!(quoted("/a?b=c%20d"), "/a?b=c%20d");
    assert_eq!(
        quoted("/\" 200\r\nINFO:\u{1b}\u{e9}"),
        "/%22%20200%0D%0AINFO:%1B%C3%A9"
    );
}

#[test]
fn the_last_ten_thousand_lines_are_kept() {
    let log = Log::new(AccessLog::Record);
    for n in 0..=CAPACITY {
        log.write(n.to_string());
    }
    let lines = log.lines();
    assert_eq!(lines.len(), CAPACITY);
    assert_eq!(lines.first().map(String::as_str), Some("1"));
    assert_eq!(lines.last().map(String::as_str), Some("10000"));
}

#[test]
fn a_discarded_log_keeps_nothing() {
    let log = Log::new(AccessLog::Discard);
    log.write("a line".to_owned());
    assert!(log.lines().is_empty());
}
