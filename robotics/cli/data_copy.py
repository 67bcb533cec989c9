"""`robotics data copy`: a dataset to or from an object store."""

from dataclasses import dataclass
from typing import Annotated

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.progress import progress_bar


@dataclass(frozen=True)
class Arguments:
    """Copy a dataset to or from an object store or another folder.

    Each episode arrives whole or not at all, and every file is compared with its checksum. Run it again to
    continue: what is there already is left as it is. Object stores (s3://, gs://, az://) want the extra
    `cloud`, and their keys in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
    AWS_ENDPOINT).

    Example:
      robotics data copy data/put_in_bowl s3://my-bucket/put_in_bowl
      robotics data copy s3://my-bucket/put_in_bowl data/put_in_bowl
    """

    source: tyro.conf.Positional[str]
    """Folder or URL."""
    target: tyro.conf.Positional[str]
    """Folder or URL."""
    transfers: Annotated[int, tyro.conf.arg(aliases=["-t"])] = 16
    """Files on their way at once."""

    def __post_init__(self):
        if self.transfers < 1:
            raise UsageError(f"wanted at least one transfer at once, got {self.transfers}")


def main(arguments: Arguments) -> int:
    from demonstrations import DemonstrationDataset
    from demonstrations.copying import copy_dataset

    dataset = DemonstrationDataset.open(arguments.source)
    with progress_bar("copying", len(dataset)) as update:
        report = copy_dataset(
            dataset,
            arguments.target,
            transfers=arguments.transfers,
            progress=lambda done, of: update(done, "episodes"),
        )
    there = f", {report.skipped} were there already" if report.skipped else ""
    print(f"{arguments.target}: {report.episodes} episodes copied, {report.bytes / 1e6:.1f} MB{there}")
    return 0
