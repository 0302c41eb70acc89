"""How every benchmark prints: a ratio beside its target."""


def report(name: str, ratio: float, target: float, higher_is_better: bool = True, detail: str = "") -> bool:
    """Print one line; whether the target is met."""
    met = ratio >= target if higher_is_better else ratio <= target
    print(f"{'ok  ' if met else 'MISS'}  {name:<44} {ratio:8.3f}  target {'≥' if higher_is_better else '≤'} {target:g}  {detail}".rstrip())
    return met
