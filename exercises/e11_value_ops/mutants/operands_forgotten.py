class Forgetful(Value):
    def __init__(self, data, _children=(), _op="", label=""):
        super().__init__(data, (), _op, label)


Forgetful.__name__ = "Value"
Value = Forgetful
