use std::collections::HashSet;

use super::super::defects;
use super::super::nets::NETS;
use super::{place, project};

#[test]
fn the_text_of_each_defect_stands_once_in_its_file() {
    let project = project().expect("the project");
    let wrong: Vec<_> = defects::all()
        .filter_map(|defect| place(&project, defect).err())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_defect_has_a_name_of_its_own() {
    let names: HashSet<_> = defects::all().map(|defect| defect.name).collect();
    assert_eq!(names.len(), defects::all().count());
}

#[test]
fn each_net_has_a_canary_and_tests() {
    let project = project().expect("the project");
    let nets: HashSet<_> = NETS.iter().map(|net| net.name).collect();
    let canaries: HashSet<_> = defects::all().filter_map(|defect| defect.canary).collect();
    assert_eq!(nets, canaries);
    for net in &NETS {
        let tests = net.tests(&project).expect("the folders of the tests");
        assert!(!tests.is_empty(), "{}", net.name);
    }
}
