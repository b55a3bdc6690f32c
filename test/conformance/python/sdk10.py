"""A validator's and a miner's everyday work with the Bittensor SDK 10.5.0 on an embedded chain.

    python sdk10.py ws://127.0.0.1:9944 sync|async

The chain is a fresh `ostinato devnet --block-time 100ms --mechanisms 2`: //Alice is sudo, owner and
validator (uid 0), //Bob a miner (uid 1) on netuid 1.
"""

import sys
import tempfile

import bittensor as bt
from bittensor_wallet import Keypair, Wallet
from report import Report, run, settled
from sdk10_reads import read_everything
from sdk10_writes import write_everything


def wallet(home: str, name: str, coldkey: str, hotkey: str) -> Wallet:
    """A wallet with key files, as the SDK wants it."""
    made = Wallet(name=name, hotkey="default", path=home)
    cold = Keypair.create_from_uri(coldkey)
    made.set_coldkey(cold, encrypt=False, overwrite=True)
    made.set_coldkeypub(cold, encrypt=False, overwrite=True)
    made.set_hotkey(Keypair.create_from_uri(hotkey), encrypt=False, overwrite=True)
    return made


async def main(report: Report) -> None:
    endpoint, mode = sys.argv[1], sys.argv[2]
    subtensor = await report.check(
        "connect",
        lambda: bt.Subtensor(network=endpoint) if mode == "sync" else bt.AsyncSubtensor(network=endpoint).initialize(),
    )
    if subtensor is None:
        return
    with tempfile.TemporaryDirectory() as home:
        wallets = {
            "alice": wallet(home, "alice", "//Alice", "//Alice"),
            "miner": wallet(home, "miner", f"//Cold/{mode}", f"//Hot/{mode}"),
            "stranger": wallet(home, "stranger", f"//Stranger/{mode}", f"//Stranger/{mode}"),
        }
        await read_everything(report, subtensor)
        await write_everything(report, subtensor, wallets)
    await settled(subtensor.close())


run(main)
