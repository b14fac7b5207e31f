use super::*;

/// The departures that get a permit, of one attempt at each moment in milliseconds.
fn departures(moments: &[u64]) -> Vec<Duration> {
    let (rules, mut permits) = (Rules::default(), Permits::default());
    let moments = moments.iter().map(|ms| Duration::from_millis(*ms));
    let departs = |now: &Duration| match permits.take(*now, rules) {
        Ok(()) => true,
        Err(until) => {
            assert!(until > *now, "the next permit is in the future");
            false
        }
    };
    moments.filter(departs).collect()
}

fn most_in_a_window(departed: &[Duration]) -> usize {
    let window = Rules::default().refresh_window;
    let within = |start: &Duration| {
        let mut departed = departed.iter();
        departed.by_ref().find(|at| *at == start);
        1 + departed.take_while(|at| **at < *start + window).count()
    };
    departed.iter().map(within).max().unwrap_or(0)
}

#[test]
fn a_window_slides_so_that_none_has_more_departures_than_its_limit() {
    // One departure, then many attempts around the end of its window.
    let mut moments = vec![0];
    moments.extend([9_995; 30].iter().chain(&[10_005; 30]));
    let departed = departures(&moments);
    assert_eq!((departed.len(), most_in_a_window(&departed)), (21, 20));
}

proptest::proptest! {
    #![proptest_config(crate::seed::seeded(256))]

    #[test]
    fn no_window_has_more_departures_than_its_limit(
        gaps in proptest::collection::vec(0_u64..1_500, 0..400),
    ) {
        let moments: Vec<_> = gaps
            .iter()
            .scan(0, |at, gap| {
                *at += gap;
                Some(*at)
            })
            .collect();
        let departed = departures(&moments);
        proptest::prop_assert!(most_in_a_window(&departed) <= 20);
    }
}
