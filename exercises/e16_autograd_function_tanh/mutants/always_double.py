class MyTanh(MyTanh):
    @staticmethod
    def forward(ctx, x):
        y = torch.tanh(x.double())
        ctx.save_for_backward(y)
        return y
