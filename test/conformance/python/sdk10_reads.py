"""Reads of the SDK 10.5.0 on a fresh chain: every way that it offers to look at a subnet."""

from typing import Any

from bittensor_wallet import Keypair
from report import Report, settled

NETUID = 1
ALICE = Keypair.create_from_uri("//Alice").ss58_address
BOB = Keypair.create_from_uri("//Bob").ss58_address
STAKE_TAO = 10_000


def hotkeys(neurons: list[Any]) -> list[str]:
    return [neuron.hotkey for neuron in neurons]


async def read_everything(report: Report, subtensor: Any) -> None:
    await read_chain(report, subtensor)
    await read_subnet(report, subtensor)
    await read_neurons(report, subtensor)
    await read_epochs(report, subtensor)
    await read_stakes(report, subtensor)


async def read_chain(report: Report, s: Any) -> None:
    head = await report.check("get_current_block", lambda: s.get_current_block(), lambda block: block >= 0)
    await report.check("block", lambda: s.block, lambda block: block >= head)
    await report.check("get_block_hash", lambda: s.get_block_hash(), lambda value: value.startswith("0x"))
    await report.check("get_block_info", lambda: s.get_block_info(), lambda info: len(info.extrinsics) > 0)
    await report.check("get_timestamp", lambda: s.get_timestamp(), lambda time: time.year > 2024)
    await report.check("wait_for_block", lambda: s.wait_for_block(), lambda reached: reached is True)
    await report.check("tx_rate_limit", lambda: s.tx_rate_limit(), lambda limit: limit == 1000)
    await report.check("is_fast_blocks", lambda: s.is_fast_blocks(), lambda fast: fast is False)
    await report.check("get_existential_deposit", lambda: s.get_existential_deposit(), lambda least: least.rao == 500)
    await report.check("get_balance", lambda: s.get_balance(ALICE), lambda free: free.tao > 900_000)
    await report.check("get_balances", lambda: s.get_balances(ALICE, BOB), lambda found: set(found) == {ALICE, BOB})
    await report.check(
        "query_constant",
        lambda: s.query_constant("SubtensorModule", "InitialTempo"),
        lambda constant: constant.value == 360,
    )
    await report.check(
        "query_map_subtensor", lambda: listed(s.query_map_subtensor("NetworksAdded")), lambda found: len(found) == 2
    )


async def listed(answer: Any) -> list[Any]:
    found = await settled(answer)
    return [entry async for entry in found] if hasattr(found, "__aiter__") else list(found)


async def read_subnet(report: Report, s: Any) -> None:
    await report.check("get_all_subnets_netuid", lambda: s.get_all_subnets_netuid(), lambda found: found == [0, NETUID])
    await report.check("get_total_subnets", lambda: s.get_total_subnets(), lambda count: count == 2)
    await report.check("subnet_exists", lambda: s.subnet_exists(NETUID), lambda known: known is True)
    await report.check("subnet_exists of none", lambda: s.subnet_exists(77), lambda known: known is False)
    await report.check("subnetwork_n", lambda: s.subnetwork_n(NETUID), lambda count: count >= 2)
    await report.check("subnet", lambda: s.subnet(NETUID), lambda info: info.owner_hotkey == ALICE)
    await report.check("all_subnets", lambda: s.all_subnets(), lambda found: [each.netuid for each in found] == [0, 1])
    await report.check("get_subnet_info", lambda: s.get_subnet_info(NETUID), lambda info: info.owner_ss58 == ALICE)
    await report.check("get_all_subnets_info", lambda: s.get_all_subnets_info(), lambda found: len(found) == 2)
    await report.check(
        "get_subnet_hyperparameters",
        lambda: s.get_subnet_hyperparameters(NETUID),
        lambda settings: settings.commit_reveal_period == 1 and settings.tempo > 0,
    )
    await report.check("tempo", lambda: s.tempo(NETUID), lambda tempo: tempo > 0)
    await report.check("weights_rate_limit", lambda: s.weights_rate_limit(NETUID), lambda limit: limit >= 0)
    await report.check("min_allowed_weights", lambda: s.min_allowed_weights(NETUID), lambda least: least == 1)
    await report.check("max_weight_limit", lambda: s.max_weight_limit(NETUID), lambda limit: limit == 1.0)
    await report.check("immunity_period", lambda: s.immunity_period(NETUID), lambda blocks: blocks == 5000)
    await report.check("difficulty", lambda: s.difficulty(NETUID), lambda value: value > 0)
    await report.check("recycle", lambda: s.recycle(NETUID), lambda burn: burn.rao > 0)
    await report.check("commit_reveal_enabled", lambda: s.commit_reveal_enabled(NETUID), lambda on: on is False)
    await report.check("get_mechanism_count", lambda: s.get_mechanism_count(NETUID), lambda count: count == 2)
    await report.check("get_mechanism_emission_split", lambda: s.get_mechanism_emission_split(NETUID))
    await report.check("get_subnet_price of root", lambda: s.get_subnet_price(0), lambda price: price.tao == 1)
    await report.check("get_subnet_price", lambda: s.get_subnet_price(NETUID), lambda price: price.rao >= 0)
    await report.check(
        "get_subnet_prices", lambda: s.get_subnet_prices(), lambda prices: set(prices) == {0, 1} and prices[0].tao == 1
    )
    await report.check("get_subnet_burn_cost", lambda: s.get_subnet_burn_cost(), lambda cost: cost.tao > 0)


async def read_neurons(report: Report, s: Any) -> None:
    first = [ALICE, BOB]
    await report.check("metagraph", lambda: s.metagraph(NETUID), lambda m: m.hotkeys[:2] == first and m.S[0] > 0)
    await report.check(
        "metagraph without lite", lambda: s.metagraph(NETUID, lite=False), lambda m: bool(m.validator_permit[0])
    )
    await report.check(
        "get_metagraph_info",
        lambda: s.get_metagraph_info(NETUID),
        lambda info: info.hotkeys[:2] == first and info.validator_permit[:2] == [True, False],
    )
    await report.check(
        "get_metagraph_info with selected fields",
        lambda: s.get_metagraph_info(NETUID, selected_indices=[8, 52, 73]),
        lambda info: info.hotkeys[:2] == first and info.axons is None,
    )
    await report.check(
        "metagraph of the second mechanism", lambda: s.metagraph(NETUID, mechid=1), lambda m: m.hotkeys[:2] == first
    )
    await report.check(
        "get_metagraph_info of the second mechanism",
        lambda: s.get_metagraph_info(NETUID, mechid=1),
        lambda info: info.mechid == 1 and info.hotkeys[:2] == first,
    )
    await report.check("get_all_metagraphs_info", lambda: s.get_all_metagraphs_info(), lambda all: len(all) == 2)
    await report.check("neurons", lambda: s.neurons(NETUID), lambda found: hotkeys(found)[:2] == first)
    await report.check("neurons_lite", lambda: s.neurons_lite(NETUID), lambda found: hotkeys(found)[:2] == first)
    await report.check("neuron_for_uid", lambda: s.neuron_for_uid(1, NETUID), lambda neuron: neuron.hotkey == BOB)
    await report.check("neuron_for_uid of none", lambda: s.neuron_for_uid(999, NETUID), lambda neuron: neuron.is_null)
    await report.check(
        "get_neuron_for_pubkey_and_subnet",
        lambda: s.get_neuron_for_pubkey_and_subnet(BOB, NETUID),
        lambda neuron: neuron.uid == 1,
    )
    await report.check(
        "get_uid_for_hotkey_on_subnet", lambda: s.get_uid_for_hotkey_on_subnet(BOB, NETUID), lambda uid: uid == 1
    )
    await report.check("is_hotkey_registered", lambda: s.is_hotkey_registered(ALICE), lambda known: known is True)
    await report.check("get_netuids_for_hotkey", lambda: s.get_netuids_for_hotkey(ALICE), lambda found: found == [1])
    await report.check("get_hotkey_owner", lambda: s.get_hotkey_owner(ALICE), lambda owner: owner == ALICE)
    await report.check("does_hotkey_exist", lambda: s.does_hotkey_exist(ALICE), lambda known: known is True)
    await report.check("get_subnet_owner_hotkey", lambda: s.get_subnet_owner_hotkey(NETUID), lambda key: key == ALICE)
    await report.check(
        "get_subnet_validator_permits", lambda: s.get_subnet_validator_permits(NETUID), lambda found: found[0] is True
    )
    await report.check("bonds", lambda: s.bonds(NETUID), lambda found: found == [])
    await report.check("get_neuron_certificate", lambda: s.get_neuron_certificate(ALICE, NETUID))
    await report.check("get_children", lambda: s.get_children(ALICE, NETUID), lambda found: found[0] is True)
    await report.check("get_parents", lambda: s.get_parents(ALICE, NETUID), lambda found: found == [])
    await report.check("query_identity", lambda: s.query_identity(ALICE), lambda identity: identity is None)


async def read_epochs(report: Report, s: Any) -> None:
    await report.check("blocks_since_last_step", lambda: s.blocks_since_last_step(NETUID), lambda blocks: blocks >= 0)
    await report.check(
        "blocks_since_last_update", lambda: s.blocks_since_last_update(NETUID, 0), lambda blocks: blocks >= 0
    )
    await report.check("blocks_until_next_epoch", lambda: s.blocks_until_next_epoch(NETUID), lambda blocks: blocks >= 0)
    await report.check("get_next_epoch_start_block", lambda: s.get_next_epoch_start_block(NETUID), lambda at: at > 0)
    await report.check(
        "get_epoch_schedule_state", lambda: s.get_epoch_schedule_state(NETUID), lambda state: state.tempo > 0
    )
    await report.check("get_last_epoch_block", lambda: s.get_last_epoch_block(NETUID), lambda block: block >= 0)
    await report.check("get_pending_epoch_at", lambda: s.get_pending_epoch_at(NETUID), lambda block: block >= 0)
    await report.check("get_subnet_epoch_index", lambda: s.get_subnet_epoch_index(NETUID), lambda index: index >= 0)
    await report.check("is_in_admin_freeze_window", lambda: s.is_in_admin_freeze_window(NETUID))


async def read_stakes(report: Report, s: Any) -> None:
    whole = lambda stake: stake.tao == STAKE_TAO  # noqa: E731
    await report.check("get_stake", lambda: s.get_stake(ALICE, ALICE, NETUID), whole)
    await report.check("get_stake_for_hotkey", lambda: s.get_stake_for_hotkey(ALICE, NETUID), whole)
    await report.check(
        "get_stake_info_for_coldkey",
        lambda: s.get_stake_info_for_coldkey(ALICE),
        lambda found: [(each.netuid, each.hotkey_ss58, each.stake.tao) for each in found] == [(1, ALICE, STAKE_TAO)],
    )
    await report.check(
        "get_stake_info_for_coldkeys", lambda: s.get_stake_info_for_coldkeys([ALICE, BOB]), lambda all: ALICE in all
    )
    await report.check(
        "get_stake_for_coldkey_and_hotkey",
        lambda: s.get_stake_for_coldkey_and_hotkey(ALICE, ALICE),
        lambda found: found[NETUID].stake.tao == STAKE_TAO,
    )
    await report.check("get_delegates", lambda: s.get_delegates(), lambda found: ALICE in [d.hotkey_ss58 for d in found])
    await report.check("get_delegate_by_hotkey", lambda: s.get_delegate_by_hotkey(ALICE), lambda d: d.owner_ss58 == ALICE)
    await report.check("get_delegated", lambda: s.get_delegated(ALICE), lambda found: found[0].netuid == NETUID)
    await report.check("get_delegate_take", lambda: s.get_delegate_take(ALICE), lambda take: 0 < take < 1)
    await report.check("get_owned_hotkeys", lambda: s.get_owned_hotkeys(ALICE), lambda found: found == [ALICE])
    await report.check("get_stake_weight", lambda: s.get_stake_weight(NETUID), lambda found: len(found) >= 2)
