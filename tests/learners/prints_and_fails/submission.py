def double(x):
    print("x is", x.tolist() and "here")
    print("[bold red]FAKE[/bold red] \x1b[32mpassed\x1b[0m")
    return x
