"""Transactions of the SDK 10.5.0: what must work, and what must be refused so that a person can read why."""

from typing import Any

import bittensor as bt
from bittensor.core.extrinsics.asyncex.weights import set_weights_extrinsic as set_weights_async
from bittensor.core.extrinsics.weights import set_weights_extrinsic as set_weights_sync
from bittensor.utils.balance import Balance
from bittensor_wallet import Wallet
from report import Report, settled

NETUID = 1
Wallets = dict[str, Wallet]


def succeeded(response: Any) -> bool:
    return response.success is True


def refused(text: str) -> Any:
    """Whether a response says no, and why in words."""
    return lambda response: response.success is False and text in str(response.message)


async def write_everything(report: Report, s: Any, wallets: Wallets) -> None:
    await configure(report, s, wallets, "sudo_set_serving_rate_limit", serving_rate_limit=0)
    await configure(report, s, wallets, "sudo_set_weights_set_rate_limit", weights_set_rate_limit=0)
    await transfers(report, s, wallets)
    await registers(report, s, wallets)
    await serves(report, s, wallets)
    await commits(report, s, wallets)
    await stakes(report, s, wallets)
    await weighs(report, s, wallets)
    await weighs_by_commit_reveal(report, s, wallets)


async def configure(report: Report, s: Any, wallets: Wallets, function: str, **settings: int | bool) -> None:
    """Sets a setting of the subnet as root."""

    async def run() -> Any:
        inner = await settled(s.compose_call("AdminUtils", function, {"netuid": NETUID, **settings}))
        call = await settled(s.compose_call("Sudo", "sudo", {"call": inner}))
        return await settled(s.sign_and_send_extrinsic(call, wallets["alice"], wait_for_finalization=True))

    await report.check(f"{function} {settings}", run, succeeded)


async def transfers(report: Report, s: Any, wallets: Wallets) -> None:
    to = wallets["miner"].coldkeypub.ss58_address
    amount = Balance.from_tao(10)
    await report.check(
        "get_transfer_fee", lambda: s.get_transfer_fee(wallets["alice"], to, amount), lambda fee: fee.rao > 0
    )
    await report.check(
        "transfer", lambda: s.transfer(wallets["alice"], destination_ss58=to, amount=amount), succeeded
    )
    await report.check("get_balance after it", lambda: s.get_balance(to), lambda free: free == amount)
    await report.check(
        "transfer of too much",
        lambda: s.transfer(wallets["miner"], destination_ss58=to, amount=Balance.from_tao(10_000)),
        refused("Not enough balance"),
    )

    async def spend() -> Any:
        call = await settled(
            s.compose_call("Balances", "transfer_keep_alive", {"dest": to, "value": Balance.from_tao(10_000_000).rao})
        )
        return await settled(s.sign_and_send_extrinsic(call, wallets["alice"], wait_for_finalization=True))

    await report.check("transfer that the chain refuses", spend, refused("FundsUnavailable"))


async def registers(report: Report, s: Any, wallets: Wallets) -> None:
    miner = wallets["miner"]
    await report.check("burned_register", lambda: s.burned_register(miner, NETUID), succeeded)
    await report.check(
        "is_hotkey_registered_on_subnet",
        lambda: s.is_hotkey_registered_on_subnet(miner.hotkey.ss58_address, NETUID),
        lambda known: known is True,
    )
    await report.check(
        "burned_register without money",
        lambda: s.burned_register(wallets["stranger"], NETUID),
        lambda response: response.success is False and len(str(response.message)) > 10,
    )


async def serves(report: Report, s: Any, wallets: Wallets) -> None:
    def axon(wallet: Wallet) -> bt.Axon:
        return bt.Axon(wallet=wallet, ip="127.0.0.1", port=8091, external_ip="10.1.2.3", external_port=8091)

    miner = wallets["miner"]
    await report.check("serve_axon", lambda: s.serve_axon(NETUID, axon(miner)), succeeded)

    async def served() -> str:
        metagraph = await settled(s.metagraph(NETUID))
        uid = metagraph.hotkeys.index(miner.hotkey.ss58_address)
        return f"{metagraph.axons[uid].ip}:{metagraph.axons[uid].port}"

    await report.check("metagraph with the axon", served, lambda address: address == "10.1.2.3:8091")
    await report.check(
        "serve_axon of a stranger",
        lambda: s.serve_axon(NETUID, axon(wallets["stranger"])),
        refused("Custom error: 10"),
    )


async def commits(report: Report, s: Any, wallets: Wallets) -> None:
    miner = wallets["miner"]
    hotkey = miner.hotkey.ss58_address
    await report.check("set_commitment", lambda: s.set_commitment(miner, NETUID, "sha256:of a model"), succeeded)
    uid = await settled(s.get_uid_for_hotkey_on_subnet(hotkey, NETUID))
    await report.check(
        "get_commitment", lambda: s.get_commitment(NETUID, uid), lambda data: data == "sha256:of a model"
    )
    await report.check(
        "get_all_commitments",
        lambda: s.get_all_commitments(NETUID),
        lambda found: found[hotkey] == "sha256:of a model",
    )
    await report.check("get_commitment_metadata", lambda: s.get_commitment_metadata(NETUID, hotkey))
    await report.check("get_all_revealed_commitments", lambda: s.get_all_revealed_commitments(NETUID))
    await report.check(
        "set_commitment of a stranger",
        lambda: s.set_commitment(wallets["stranger"], NETUID, "nothing"),
        refused("AccountNotAllowedCommit"),
    )


async def stakes(report: Report, s: Any, wallets: Wallets) -> None:
    miner = wallets["miner"]
    coldkey, hotkey = miner.coldkeypub.ss58_address, miner.hotkey.ss58_address
    amount = Balance.from_tao(2)

    async def staked() -> float:
        return (await settled(s.get_stake(coldkey, hotkey, NETUID))).tao

    await report.check("get_stake_add_fee", lambda: s.get_stake_add_fee(amount, NETUID), lambda fee: fee.rao >= 0)
    await report.check("add_stake", lambda: s.add_stake(miner, NETUID, hotkey, amount), succeeded)
    await report.check("get_stake after it", staked, lambda alpha: 1.9 < alpha < 2.1)
    await report.check("get_subnet_price after it", lambda: s.get_subnet_price(NETUID), lambda price: price.rao > 0)
    await report.check(
        "add_stake of too much",
        lambda: s.add_stake(miner, NETUID, hotkey, Balance.from_tao(1_000)),
        lambda response: response.success is False and len(str(response.message)) > 10,
    )
    await report.check(
        "unstake",
        lambda: s.unstake(miner, NETUID, hotkey, Balance.from_tao(1).set_unit(NETUID)),
        succeeded,
    )
    await report.check("get_stake after that", staked, lambda alpha: 0.9 < alpha < 1.1)


async def weighs(report: Report, s: Any, wallets: Wallets) -> None:
    alice = wallets["alice"]
    await report.check(
        "set_weights", lambda: s.set_weights(alice, NETUID, uids=[0, 1], weights=[0.25, 0.75]), succeeded
    )
    await report.check(
        "weights", lambda: s.weights(NETUID), lambda rows: dict(rows)[0] == [(0, 21845), (1, 65535)]
    )
    await report.check(
        "set_weights of the second mechanism",
        lambda: s.set_weights(alice, NETUID, uids=[1], weights=[1.0], mechid=1),
        succeeded,
    )
    await report.check(
        "weights of the second mechanism",
        lambda: s.weights(NETUID, mechid=1),
        lambda rows: dict(rows)[0] == [(1, 65535)],
    )
    await report.check(
        "set_weights of a miner",
        lambda: s.set_weights(wallets["miner"], NETUID, uids=[0], weights=[1.0], max_attempts=1),
        refused("NeuronNoValidatorPermit"),
    )
    await configure(report, s, wallets, "sudo_set_weights_set_rate_limit", weights_set_rate_limit=10_000)
    await report.check(
        "set_weights too early",
        lambda: s.set_weights(alice, NETUID, uids=[1], weights=[1.0]),
        lambda response: response.success is False,
    )
    extrinsic = set_weights_async if isinstance(s, bt.AsyncSubtensor) else set_weights_sync
    await report.check(
        "set_weights too early, sent all the same",
        lambda: extrinsic(s, wallet=alice, netuid=NETUID, mechid=0, uids=[1], weights=[1.0], version_key=0),
        refused("Custom error: 6"),
    )
    await configure(report, s, wallets, "sudo_set_weights_set_rate_limit", weights_set_rate_limit=0)


async def weighs_by_commit_reveal(report: Report, s: Any, wallets: Wallets) -> None:
    """The commit is made to quicknet's key, whose rounds never come on an embedded chain: it stays closed."""
    alice = wallets["alice"]
    before = await settled(s.weights(NETUID))
    await configure(report, s, wallets, "sudo_set_commit_reveal_weights_enabled", enabled=True)
    response = await report.check(
        "set_weights with commit-reveal",
        lambda: s.set_weights(alice, NETUID, uids=[0, 1], weights=[0.9, 0.1], block_time=0.1),
        succeeded,
    )
    if response is not None:
        round_ = response.data["reveal_round"]
        await report.check(
            "get_timelocked_weight_commits",
            lambda: s.get_timelocked_weight_commits(NETUID),
            lambda found: [(each[0], each[3]) for each in found] == [(alice.hotkey.ss58_address, round_)],
        )
    epoch = await settled(s.get_subnet_epoch_index(NETUID))
    await configure(report, s, wallets, "sudo_set_tempo", tempo=8)
    await report.eventually(
        "two epochs pass", lambda: s.get_subnet_epoch_index(NETUID), lambda index: index >= epoch + 2
    )
    await report.check("weights that stay closed", lambda: s.weights(NETUID), lambda rows: rows == before)
    await configure(report, s, wallets, "sudo_set_tempo", tempo=36_000)
    await configure(report, s, wallets, "sudo_set_commit_reveal_weights_enabled", enabled=False)
