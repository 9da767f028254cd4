"""The tree of errors and the form of their messages."""

import pytest

import glassnet as gn
from glassnet import errors


def test_a_message_answers_four_questions():
    error = gn.ShapeError(
        "the shapes differ", expected="(2, 3)", received="(3, 2)", where="layer 1", mend="transpose"
    )
    assert str(error).splitlines() == [
        "the shapes differ",
        "  expected: (2, 3)",
        "  received: (3, 2)",
        f"  where:    layer 1; {error.line}",
        "  mend:     transpose",
    ]
    assert error.line.startswith("test_errors.py, line")
    error.inside("somewhere else")
    assert error.where == "layer 1"


def test_every_error_is_in_the_drawn_tree_and_derives_from_the_root():
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and value.__module__ == errors.__name__
    ]
    assert len(classes) >= 16
    for cls in classes:
        assert issubclass(cls, gn.GlassnetError | gn.GlassnetWarning)
        assert cls.__name__ in errors.__doc__


@pytest.mark.parametrize(
    ("ours", "pythons"),
    [
        (gn.ShapeError, ValueError),
        (gn.DTypeError, TypeError),
        (gn.NonFiniteError, ArithmeticError),
        (gn.OutputError, OSError),
        (gn.DownloadError, OSError),
        (gn.DivergenceError, gn.NonFiniteError),
    ],
)
def test_python_s_own_handlers_catch_them(ours, pythons):
    assert issubclass(ours, pythons)


def test_a_missing_library_names_its_extra():
    error = gn.MissingDependencyError("matplotlib", "plot", "the report")
    assert 'pip install "glassnet[plot]"' in str(error)
    assert isinstance(error, ImportError)


def test_the_nearest_name_is_suggested():
    assert errors.did_you_mean("addam", ["sgd", "adam"]).startswith('did you mean "adam"?')
    assert errors.did_you_mean("zzz", ["sgd", "adam"]) == "Known: adam, sgd"


def test_an_error_survives_pickling_between_processes():
    import pickle

    error = gn.ShapeError("a", expected="b")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
