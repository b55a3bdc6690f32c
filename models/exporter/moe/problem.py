"""What stops an export, by the code of Ostinato's error catalogue."""


class ExportProblem(Exception):
    """`code` is one of the catalogue's (domain/errors/model-export.ts), `params` what its text names."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(f"{code}: {params}")
        self.code = code
        self.params = params


def unsupported(problem: str) -> ExportProblem:
    return ExportProblem("OST_EXPORT_UNSUPPORTED", problem=problem)


def bad_groups(problem: str) -> ExportProblem:
    return ExportProblem("OST_EXPORT_GROUPS", problem=problem)


def bad_checkpoint(problem: str) -> ExportProblem:
    return ExportProblem("OST_EXPORT_CHECKPOINT", problem=problem)
