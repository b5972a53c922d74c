import torch


def take_gradients(layer, x, weights):
    leaves = [x.detach().clone(), *layer.parameters()]
    for leaf in leaves:
        leaf.requires_grad_()
    return list(torch.autograd.grad((layer(leaves[0]) * weights).sum(), leaves))


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            n = len(x)
            mean = x.sum(dim=0, keepdim=True) / n
            var = ((x - mean) ** 2).mean(dim=0, keepdim=True)
            self.running_mean.lerp_(mean.detach()[0], self.momentum)
            self.running_var.mul_(1 - self.momentum).add_(var.detach()[0] * n / (n - 1), alpha=self.momentum)
        self.out = (x - mean) * (var + self.eps).rsqrt() * self.gamma + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]
