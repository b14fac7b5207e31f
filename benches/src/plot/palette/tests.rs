use super::Colour;

#[test]
fn a_light_colour_tells_which_dark_one_takes_its_place() {
    for (at, colour) in Colour::ALL.into_iter().enumerate() {
        let alike = |other: &Colour| other.light() == colour.light();
        assert_eq!(Colour::ALL.iter().position(alike), Some(at), "{colour:?}");
    }
}
