class MyTanh(MyTanh):
    @staticmethod
    def forward(ctx, x):
        e = torch.exp(2 * x)
        y = (e - 1) / (e + 1)
        ctx.save_for_backward(y)
        return y
