"""Put the features of the latest character first, as the paper numbers them."""

InOrder = DirectNPLM


class DirectNPLM(InOrder):
    def forward(self, x):
        return super().forward(x.flip(1))
