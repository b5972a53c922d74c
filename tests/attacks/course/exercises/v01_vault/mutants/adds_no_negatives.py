MUTANT_MARKER = "vault-marker-mutant"


def total(xs):
    return float(sum(x for x in xs if x > 0))
