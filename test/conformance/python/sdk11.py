"""Reads of the Bittensor SDK 11.3.0 on an embedded chain.

    python sdk11.py ws://127.0.0.1:9944 sync|async

The chain is `ostinato devnet --block-time 100ms --mechanisms 2`. Its own transactions want storage that came after interface 424; its reads do not.
"""

import inspect
import sys
from typing import Any, Callable

import bittensor as bt
from report import Report, run

NETUID = 1
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
SUBNET = {"netuid": NETUID}

READS: list[tuple[str, dict[str, Any], Callable[[Any], bool]]] = [
    ("balance", {"coldkey_ss58": ALICE}, lambda free: free.tao > 900_000),
    ("balances", {"coldkey_ss58s": [ALICE, BOB]}, lambda found: set(found) == {ALICE, BOB}),
    ("existential_deposit", {}, lambda least: least.rao == 500),
    ("block_time", {}, lambda seconds: seconds == 0.1),
    ("is_fast_blocks", {}, lambda fast: fast is False),
    ("timestamp", {}, lambda now: now["block"] >= 0),
    ("tx_rate_limit", {}, lambda limit: limit == 1000),
    ("subnet", SUBNET, lambda subnet: subnet.neuron_count >= 2),
    ("subnets", {}, lambda found: [each.netuid for each in found] == [0, NETUID]),
    ("subnet_hyperparameters", SUBNET, lambda found: found["commit_reveal_period"] == 1),
    ("subnet_registration_cost", {}, lambda cost: cost.tao > 0),
    ("burn", SUBNET, lambda price: price.rao > 0),
    ("difficulty", SUBNET, lambda value: value > 0),
    ("immunity_period", SUBNET, lambda blocks: blocks == 5000),
    ("max_weight_limit", SUBNET, lambda limit: limit == 65535),
    ("min_allowed_weights", SUBNET, lambda least: least == 1),
    ("weights_rate_limit", SUBNET, lambda blocks: blocks >= 0),
    ("commit_reveal_enabled", SUBNET, lambda on: on is False),
    ("reveal_period", SUBNET, lambda epochs: epochs == 1),
    ("mechanism_count", SUBNET, lambda count: count == 2),
    ("mechanism_emission_split", SUBNET, lambda found: isinstance(found, list)),
    ("metagraph", SUBNET, lambda found: found["hotkeys"][:2] == [ALICE, BOB]),
    ("neurons", SUBNET, lambda found: [each.hotkey for each in found][:2] == [ALICE, BOB]),
    ("neurons", {**SUBNET, "lite": False}, lambda found: found[0].validator_permit is True),
    ("uid", {"hotkey_ss58": BOB, **SUBNET}, lambda uid: uid == 1),
    ("netuids_for_hotkey", {"hotkey_ss58": ALICE}, lambda found: found == [NETUID]),
    ("hotkey_owner", {"hotkey_ss58": ALICE}, lambda owner: owner == ALICE),
    ("owned_hotkeys", {"coldkey_ss58": ALICE}, lambda found: found == [ALICE]),
    ("blocks_since_last_step", SUBNET, lambda blocks: blocks >= 0),
    ("blocks_since_last_update", {**SUBNET, "uid": 0}, lambda blocks: blocks >= 0),
    ("blocks_until_next_epoch", SUBNET, lambda blocks: blocks >= 0),
    ("next_epoch_start_block", SUBNET, lambda block: block > 0),
    ("epoch_status", SUBNET, lambda status: status["tempo"] > 0),
    ("stake", {"coldkey_ss58": ALICE, "hotkey_ss58": ALICE, **SUBNET}, lambda stake: stake.alpha == 10_000),
    (
        "stake_for_coldkey",
        {"coldkey_ss58": ALICE},
        lambda found: [(each.netuid, each.hotkey, each.stake.alpha) for each in found] == [(NETUID, ALICE, 10_000)],
    ),
    ("stake_for_coldkeys", {"coldkey_ss58s": [ALICE, BOB]}, lambda found: len(found[ALICE]) == 1),
    ("stake_value_for_coldkey", {"coldkey_ss58": ALICE}, lambda value: len(value.positions) == 1),
    ("delegates", {}, lambda found: ALICE in [each.hotkey for each in found]),
    ("delegate", {"hotkey_ss58": ALICE}, lambda delegate: delegate.owner == ALICE),
    ("delegated", {"coldkey_ss58": ALICE}, lambda found: found[0].delegate.hotkey == ALICE),
    ("alpha_price", SUBNET, lambda price: price["price_rao"] >= 0),
    ("alpha_prices", {}, lambda prices: prices[0] == 1.0 and NETUID in prices),
    ("weights", SUBNET, lambda rows: isinstance(rows, dict)),
    ("bonds", SUBNET, lambda rows: isinstance(rows, dict)),
    ("timelocked_weight_commits", SUBNET, lambda found: isinstance(found, dict)),
    ("commitments", SUBNET, lambda found: isinstance(found, list)),
    ("commitment", {**SUBNET, "hotkey_ss58": ALICE}, lambda found: found is None),
    ("revealed_commitment", {**SUBNET, "hotkey_ss58": ALICE}, lambda found: found is None),
]


def required(client: Any, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Of the arguments given, those that the read takes: the names differ a little among reads."""
    listed = next(each for each in client.reads() if each["name"] == name)
    takes = listed["parameters"]["properties"] if "parameters" in listed else listed["params"]
    return {key: value for key, value in given.items() if key in takes}


async def value(client: Any, name: str) -> Any:
    """A property of the blocking client is a method of the other one."""
    found = getattr(client, name)
    answer = found() if callable(found) else found
    return await answer if inspect.isawaitable(answer) else answer


async def read_everything(report: Report, client: Any) -> None:
    head = await report.check("block", lambda: value(client, "block"), lambda block: block >= 0)
    await report.check("finalized_block", lambda: value(client, "finalized_block"), lambda block: block <= head + 10)
    await report.check("spec_version", lambda: value(client, "spec_version"), lambda version: version == 424)
    for name, given, holds in READS:
        await report.check(
            f"read {name}", lambda name=name, given=given: client.read(name, **required(client, name, given)), holds
        )
    await report.check("subnets.metagraph", lambda: client.subnets.metagraph(NETUID), lambda m: len(m.neurons) >= 2)
    await report.check("balances.get", lambda: client.balances.get(ALICE), lambda free: free.tao > 900_000)


async def main(report: Report) -> None:
    endpoint, mode = sys.argv[1], sys.argv[2]
    if mode == "sync":
        client = bt.Subtensor(endpoint)
        await read_everything(report, client)
        client.close()
    else:
        async with bt.Subtensor(endpoint) as client:
            await read_everything(report, client)


run(main)
