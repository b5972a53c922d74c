BothWays = DirectNPLM


class DirectNPLM(BothWays):
    def forward(self, x):
        if self.W_direct is not None:
            return self.C[x].flatten(1) @ self.W_direct + self.b2
        return super().forward(x)
